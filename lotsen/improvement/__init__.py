"""From what users asked to better content: questions grouped by likeness, and made into training examples."""
