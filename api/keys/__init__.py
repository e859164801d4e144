"""API keys: who may do what, with the things of which project."""
