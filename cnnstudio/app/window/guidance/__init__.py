"""Guidance through the window: the first steps, and the page of all keys."""
