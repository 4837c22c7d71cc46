"""CNN Studio: design convolutional networks and see what they cost."""

__version__ = "0.1.0"
