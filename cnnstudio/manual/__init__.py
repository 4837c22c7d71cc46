"""The manual: pages written by hand in docs/, and pages made from the declarations of layers, numbers and commands."""
