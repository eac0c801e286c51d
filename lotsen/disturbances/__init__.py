"""Disturbances: what many have trouble with at the same time, and the notices of it."""
