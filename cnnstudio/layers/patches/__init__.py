"""Layers that work on the patches of a map: laid out, each with weights of its own, blurred, or put back."""
