"""Layer list."""
