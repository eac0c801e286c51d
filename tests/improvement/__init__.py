"""Tests of what questions are made into."""
