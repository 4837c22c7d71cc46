"""Sweeps: many variants of a design, each counted exactly, one row a variant."""
