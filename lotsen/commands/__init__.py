"""The larger commands of ``lotsen``, one module each; ``lotsen/cli.py`` puts them together."""
