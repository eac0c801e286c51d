"""The database behind everything that is kept: conversations, chat messages, cases. One URL decides which."""
