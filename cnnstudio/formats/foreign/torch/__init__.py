"""PyTorch: exported programs, TorchScript and checkpoints, read without PyTorch and without unpickling."""
