"""Measuring the understanding: cross-validation, the development set, fitted thresholds, stock Rasa, the report."""
