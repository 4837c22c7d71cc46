"""Keras in source: layers and models are applied to shapes as they are called, by the rules that read Keras' files."""
