"""The files that leave a run: the student for timm, and its answers for whoever wants to check."""
