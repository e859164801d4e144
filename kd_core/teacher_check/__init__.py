"""Whether a teacher is worth learning from: measured before training, with the reason if not."""
