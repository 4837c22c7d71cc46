"""Tests of what is written of sweeps."""
