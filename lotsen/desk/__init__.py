"""The triage desk: the web page on which IT kundservice takes over what was handed off."""
