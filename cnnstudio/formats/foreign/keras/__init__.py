"""Keras 1, 2 and 3: the description of a model in JSON, wherever it lies, as a draft."""
