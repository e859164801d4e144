"""The files that are made of a student's weights, one module for each format, and their proof."""
