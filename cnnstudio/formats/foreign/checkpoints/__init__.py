"""Files that hold weights alone: their tensors, and the built-in design whose tensors they are."""
