"""The catalogue: the losses and the students that a specification may name."""
