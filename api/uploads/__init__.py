"""Uploads: announced, sent in raw parts, completed."""
