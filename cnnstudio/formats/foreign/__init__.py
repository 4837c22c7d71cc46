"""Networks that other programs wrote: read without those programs, and without executing or unpickling anything.

Every rule in here raises `NotUnderstood`, with the rest of a sentence on its file, for what a design cannot say.
"""
