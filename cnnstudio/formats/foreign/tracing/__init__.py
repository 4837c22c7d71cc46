"""From a graph of tensor operations to layers: shapes, constants and layouts are followed through every operation."""
