"""The design as code, live beside the table."""
