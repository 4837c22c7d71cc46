"""Caffe: the network of a `.prototxt`, in its old and its new form."""
