"""How fast the studio is, as ratios measured in one run: `python -m tests.benchmarks`."""
