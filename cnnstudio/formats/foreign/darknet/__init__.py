"""Darknet: the network of a `.cfg`."""
