"""Training: what happens between two models and a data set, and how it survives being killed."""
