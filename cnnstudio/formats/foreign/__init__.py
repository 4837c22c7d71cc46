"""Networks that other programs wrote: read without those programs, and without executing or unpickling anything."""
