"""Functions of tensors: with weights of the source, along more axes than a design has."""
