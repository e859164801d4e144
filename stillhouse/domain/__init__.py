"""What a job is: its specification, states, events, failures, ids and errors.

Pure: no clock, no randomness and no I/O of its own; time and random bytes are arguments.
"""
