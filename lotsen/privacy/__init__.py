"""What keeps personal data out of storage and logs."""
