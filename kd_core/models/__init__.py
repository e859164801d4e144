"""Networks: made by name, filled from checkpoints, measured for what they cost."""
