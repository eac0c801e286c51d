"""Reading a pasted e-mail or note: what it is about, who wrote it, what is missing."""
