"""Kendall's rank correlation made smooth: every pair of classes counts by a tanh of its gaps.

There are C (C - 1) / 2 pairs a sample. `correlation` measures a batch and picks among three ways
through them: `pairwise` looks at every one, `mesh` lets classes act on each other through a coarse
grid, `windows` looks only at those close enough to matter. All keep their memory bounded.
"""
