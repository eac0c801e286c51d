"""How long things are kept: what is too old is deleted, what is kept of a person is given out or erased."""
