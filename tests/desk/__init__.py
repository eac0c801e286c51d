"""The triage desk."""
