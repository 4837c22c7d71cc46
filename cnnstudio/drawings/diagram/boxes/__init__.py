"""Layers as boxes, laid out as a graph."""
