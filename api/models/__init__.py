"""Models: registered from an upload, checked once, named by jobs."""
