"""What several test rooms share: a running Lotsen, and a client that chats with it as the page does."""
