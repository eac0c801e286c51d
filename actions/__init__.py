"""Thin Rasa actions, one module for each capability. They move slots and events; the logic is in ``lotsen``."""
