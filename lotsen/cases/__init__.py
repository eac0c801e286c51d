"""Cases: what is handed off to IT kundservice, and where it is kept."""
