"""Data sets: registered from an upload, in versions that are each checked once."""
