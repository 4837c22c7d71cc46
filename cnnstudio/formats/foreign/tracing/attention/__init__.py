"""Attention, as exporters write it: projections cut into heads by moving axes about, products, and a softmax."""
