"""Values and arithmetic: designs, the counting engine and its working. Standard library and msgspec only."""
