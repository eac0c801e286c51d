"""The content in ``data/``: reading it with line numbers, and checking it for the content owner."""
