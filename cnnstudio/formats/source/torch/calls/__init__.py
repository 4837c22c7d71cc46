"""Functions of PyTorch, and of what goes with it, applied to tensors."""
