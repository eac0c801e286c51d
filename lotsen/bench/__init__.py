"""``lotsen bench``: what a turn costs, beside stock Rasa on the same data, in one run."""
