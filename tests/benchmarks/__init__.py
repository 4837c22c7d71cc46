"""The speed of the studio, as ratios measured in one run: `python -m tests.benchmarks`."""
