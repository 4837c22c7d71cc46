"""Attention: of several heads, within windows, the bare products, and what is learned about positions."""
