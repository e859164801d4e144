"""The losses: one file each, declared without torch. Adding a file here adds a loss everywhere."""
