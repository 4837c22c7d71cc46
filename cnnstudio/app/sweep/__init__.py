"""Sweeps in a window of their own: what is varied, and the variants as a table and as a scatter."""
