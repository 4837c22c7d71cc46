"""Rails."""
