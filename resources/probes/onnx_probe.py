"""Runs an exported ONNX file in onnxruntime and tells the shape of every row; the parameters, if onnx is there too.

Started by `cnnstudio verify` in the interpreter that has onnxruntime: reads a request and writes an answer, both JSON.
"""

import json
import math
import sys


def main(request_path, answer_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    with open(answer_path, "w", encoding="utf-8") as file:
        json.dump(probe(request), file)


def probe(request):
    try:
        import numpy
        import onnxruntime
    except ImportError:
        return {"missing": "onnxruntime"}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(request["file"], options, providers=["CPUExecutionProvider"])
    images = {image.name: numpy.zeros([1, *image.shape[1:]], "float32") for image in session.get_inputs()}
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, images)
    shapes = [[name, 0, list(output.shape[1:])] for name, output in zip(names, outputs, strict=True)]
    return {
        "version": f"onnxruntime {onnxruntime.__version__}",
        "shapes": shapes,
        "layers": layers(request["file"], set(names)),
    }


def layers(path, rows):
    """The numbers that each row stores, by its path, as the onnx package reads them."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        return {}
    graph = onnx.load(path).graph
    sizes = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    found = {}
    for node in graph.node:
        if node.op_type == "ConstantOfShape":
            row, _, kind = node.output[0].rpartition(".")
            # Parts of a layer, such as the filters of its own or the projections of an attention, stand in between.
            while row not in rows and "." in row:
                row = row.rpartition(".")[0]
            counts = found.setdefault(row, {"parameters": 0, "state": 0})
            counts["state" if kind in ("mean", "variance") else "parameters"] += math.prod(
                map(int, sizes[node.input[0]])
            )
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])
