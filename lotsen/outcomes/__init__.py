"""What became of guides: the record of runs, and what it tells the content owner."""
