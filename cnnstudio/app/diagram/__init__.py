"""Diagram."""
