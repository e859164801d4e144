"""Whole batches of images changed at random, on the device, each draw a function of its place."""
