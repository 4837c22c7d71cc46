"""Layers that work on tensors as such: learned ones, reductions, stacks, windows, and functions by name."""
