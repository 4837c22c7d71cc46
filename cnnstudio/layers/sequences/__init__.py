"""Layers that read sequences: their first axis is time, or the places of a text."""
