"""Alembic migrations: one file for each change, never edited after it has landed."""
