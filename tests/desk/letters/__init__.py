"""E-mails and phone notes that people might paste, each with what somebody at the desk would say of it.

The letters were written before the program read any of them, and are not changed to fit it. ``python -m
tests.desk.letters`` measures.
"""
