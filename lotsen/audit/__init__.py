"""The audit log: who has seen and done what at the triage desk, each line tied to the one before."""
