"""Triton kernels: some losses in one launch on a GPU. `choice` says where they may be used.

A kernel is written like the work of one *program*: it asks which one it is (`program_id`), loads
its part of the tensors into registers, computes on all of it at once and stores the results.
Launching it over a grid runs one program for every row, or for every tile of every row. Blocks have
sizes that are powers of two, so rows are padded and everything past the last class is masked.

Nothing needs them, and no speed is claimed for them: they are checked by Triton's interpreter and
compiler, which need no GPU and measure none.

Importing this package imports no Triton; each kernel's file does, and is imported where it is used,
after `choice.usable` said yes.
"""
