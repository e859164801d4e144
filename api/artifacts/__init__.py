"""Artifacts: what a job ships, with its digest."""
