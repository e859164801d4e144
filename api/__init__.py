"""The service over HTTP: one folder for each noun, composed in `api.main`. No SQL and no torch."""
