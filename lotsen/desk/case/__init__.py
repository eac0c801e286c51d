"""What the page of a case shows, gathered."""
