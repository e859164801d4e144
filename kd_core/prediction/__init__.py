"""A finished run asked about images on disk: by any of its artifacts, its teacher beside it."""
