"""Exports run by their frameworks, in this process, with the weights of a seeded ONNX file in all of them."""

from __future__ import annotations

import linecache
import types
from typing import Any

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import ExportOptions
from cnnstudio.layers.sequences.embedding import Embedding
from cnnstudio.layers.structure import Input
from tests.frameworks.frameworks import numpy as np
from tests.frameworks.frameworks import numpy_helper, onnx, onnxruntime, torch

Arrays = dict[str, Any]


def text_of(analysis: Analysis, key: str, *, flat: bool = False) -> str:
    """The source of a target."""
    return TARGETS[key].write(analysis, ExportOptions(flat=flat)).text


def module_of(text: str, name: str) -> types.ModuleType:
    """Source, executed; its lines show in tracebacks."""
    module = types.ModuleType(name)
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), module.__dict__)  # it is our own text
    return module


def onnx_file(analysis: Analysis) -> bytes:
    """The ONNX file with seeded weights."""
    return TARGETS["onnx"].write(analysis, ExportOptions(weights="seeded")).content


def weights_of(content: bytes) -> Arrays:
    """The weights of an ONNX file by their names."""
    return {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in onnx.load_model_from_string(content).graph.initializer
        if not tensor.name.startswith("constant/")
    }


def images_of(analysis: Analysis, seed: int = 0) -> Arrays:
    """Random inputs, channels first, for two examples."""
    source = np.random.default_rng(seed)
    images: Arrays = {}
    for row in analysis.rows:
        if isinstance(row.layer, Input) and row.output_shape is not None:
            images[row.path] = source.standard_normal((2, *row.output_shape.to_list()), dtype=np.float32)
        # What an Embedding takes are the numbers of words.
        elif isinstance(row.layer, Embedding):
            taken = images[row.inputs[0]]
            images[row.inputs[0]] = source.integers(0, row.layer.vocabulary, taken.shape).astype(np.float32)
    return images


def run_onnx(content: bytes, images: Arrays) -> list[Any]:
    """The outputs of the file in onnxruntime, one thread, nothing rewritten."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return list(session.run(None, images))


def checked_shapes(content: bytes) -> dict[str, list[int]]:
    """The shapes that strict inference finds without those that the file states; the file passes the checker."""
    model = onnx.load_model_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    del model.graph.value_info[:]
    found = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True).graph
    every = [*found.value_info, *found.input, *found.output]
    return {info.name: [dim.dim_value for dim in info.type.tensor_type.shape.dim][1:] for info in every}


def torch_net(text: str) -> Any:
    """The network that PyTorch source describes, ready to run."""
    module = module_of(text, "<exported for PyTorch>")
    nets = [item for item in vars(module).values() if isinstance(item, type) and issubclass(item, torch.nn.Module)]
    own = [item for item in nets if item.__module__ == module.__name__]
    return own[-1]().eval()


def run_torch(net: Any, images: Arrays) -> list[Any]:
    """The outputs of a network of PyTorch's."""
    with torch.no_grad():
        outputs = net(*[torch.from_numpy(image) for image in images.values()])
    return [output.detach().numpy() for output in (outputs if isinstance(outputs, tuple) else (outputs,))]


def keras_model(text: str) -> Any:
    """The model that Keras source describes."""
    module = module_of(text, "<exported for Keras>")
    makers = [item for item in vars(module).values() if isinstance(item, types.FunctionType)]
    return makers[-1]()


def run_keras(model: Any, images: Arrays) -> list[Any]:
    """The outputs of a model of Keras', channels first."""
    with torch.no_grad():
        outputs = model([np.moveaxis(image, 1, -1) for image in images.values()], training=False)
    listed = outputs if isinstance(outputs, list | tuple) else [outputs]
    return [np.moveaxis(output.detach().numpy(), -1, 1) for output in listed]
