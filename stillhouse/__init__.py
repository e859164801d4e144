"""Stillhouse: distillation as a service. Importing this package imports no torch."""
