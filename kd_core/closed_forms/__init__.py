"""Losses whose value and gradient are found in one pass; `closed_form` says how."""
