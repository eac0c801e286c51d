"""The database's revisions, one module each in ``versions``. ``lotsen/storage/schema.py`` runs them.

Rules, held by ``tests/storage/test_migrations.py``:

* Within a generation (the letter of a revision's name) a revision only adds: tables, columns that may be empty or have
  a default, indexes, triggers. Old processes go on beside it while an update goes through the machines.
* What nobody uses any more is dropped in a new generation, which every process must be stopped for.
* A revision that has been released is never changed; so it describes tables itself, and imports nothing that moves.
* What is there already is left alone: a database may have got a table from a store before its first upgrade.
* Large tables get no index here that takes minutes: PostgreSQL lets nobody write meanwhile.
"""
