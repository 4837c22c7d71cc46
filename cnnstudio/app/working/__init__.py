"""Working."""
