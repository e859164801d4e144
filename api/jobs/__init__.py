"""Jobs: submitted, looked at, cancelled, and everything that they leave in the books."""
