"""ONNX, opset 6 to today: the graph of a model file as a draft."""
