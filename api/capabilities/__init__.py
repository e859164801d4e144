"""What this service is, and what it can do."""
