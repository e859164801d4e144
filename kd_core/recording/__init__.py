"""A teacher's answers to every recorded view of the training split, worked out once."""
