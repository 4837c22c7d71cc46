"""The commands, one module each: `run(words)` does it and returns the exit status."""
