"""The version of the program, which stands in all that it writes."""

__version__ = "0.1.0"
