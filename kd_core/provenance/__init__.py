"""What a run stands on and what it takes, written down while it runs."""
