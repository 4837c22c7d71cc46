"""Layer table."""
