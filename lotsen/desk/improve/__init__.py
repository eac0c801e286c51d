"""What the pages for the content owner show, gathered."""
