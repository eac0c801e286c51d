"""Lotsen: a Swedish, rule-based support assistant for Stöd och behandling, on Rasa 3.6."""
