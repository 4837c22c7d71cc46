"""Verification in the window: the design run by a framework."""
