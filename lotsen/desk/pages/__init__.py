"""The pages of the triage desk, one module for each family. Each has ``PAGES``: its paths, with who may use them."""
