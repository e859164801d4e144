"""schemathesis against a running service: what it finds there, what it may, and what it saw."""
