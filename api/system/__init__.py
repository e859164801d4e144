"""The system: the machines that work, what waits for them, and the room that is taken."""
