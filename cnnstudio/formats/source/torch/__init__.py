"""PyTorch in source: modules, tensors and functions, which are followed on shapes alone."""
