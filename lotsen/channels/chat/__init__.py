"""What every channel keeps and does alike: what was said, one turn after the other, and who speaks."""
