"""The dashboard: the files of its build, served beside the API that it asks."""
