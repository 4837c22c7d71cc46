"""TorchScript: its code is parsed, and followed on shapes alone; nothing of it is run."""
