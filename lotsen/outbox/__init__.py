"""The outbox: letters to service desks, written with the case, delivered by a process of its own."""
