"""What users see and what is lost when something breaks: faults that are made while users are at work."""
