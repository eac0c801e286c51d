"""The service desks that cases are sent to: one module each, behind the interface in ``base``."""
