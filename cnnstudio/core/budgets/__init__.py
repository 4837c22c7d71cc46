"""Conditions on what a design takes, such as `parameters <= 5M`: read, and held against an analysis."""
