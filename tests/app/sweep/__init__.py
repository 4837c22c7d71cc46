"""Tests of the window of sweeps."""
