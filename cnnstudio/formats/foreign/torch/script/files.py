"""TorchScript archives as drafts: the code as text, the objects as records, and an input size that fits."""

from __future__ import annotations

import ast
import struct
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import MALFORMED, NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.foreign.torch.script.interpreter import Interpreter
from cnnstudio.formats.foreign.torch.script.values import (
    Function,
    Module,
    Weights,
    storage_of,
    tensor_shape,
)
from cnnstudio.formats.foreign.tracing.graph import Graph, GraphInput
from cnnstudio.formats.foreign.tracing.rules import tracer_of
from cnnstudio.formats.foreign.wire.archive import Archive
from cnnstudio.formats.foreign.wire.buffers import mapped
from cnnstudio.formats.foreign.wire.pickle_records import Record, read_pickle

MAX_CODE_BYTES = 16_000_000
MAX_MODULES = 50_000
MAX_SECONDS = 2.0
"""The time for which input sizes are tried."""
MAX_KERNELS = 4
"""Numbers of channels that are tried where the file does not say which layer comes first."""
USUAL_LENGTHS = (16, 32, 64, 128, 10, 20, 50, 100, 256, 512)
"""Positions of a sequence that are tried."""
USUAL_SIZES = (224, 32, 28, 64, 96, 128, 299, 227, 256, 160, 192, 240, 512, 384, 48, 100, 16)
"""Input sizes that are tried in this order where the file states none: the first with which every layer fits."""
_NOT_FITTING: tuple[type[Exception], ...] = (NotUnderstood, *MALFORMED)
_WHOLE = ("Long", "Int", "Bool", "Byte", "Char")
_SCALARS = {"LongStorage": "q", "IntStorage": "i", "DoubleStorage": "d", "FloatStorage": "f", "BoolStorage": "?"}


def read_torchscript(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """A `.pt` file of torch.jit.save."""
    with mapped(path) as content:
        archive = Archive(path, content)
        root = next((name for name in archive.members if name.endswith("/data.pkl")), "").rpartition("/")[0]
        functions = dict(_functions(archive, root))
        top = _Objects(functions).module(read_pickle(archive.read(f"{root}/data.pkl")), (), 0)
        constants = _constants(archive, root)
    if top is None:
        raise NotUnderstood("is a TorchScript file without a module.")
    draft, stated = _fitted(top, functions, constants, input_size)
    tidy(draft)
    return Source("torchscript", "PyTorch", path.stem, draft, stated - draft.discounted)


# Code


def _functions(archive: Archive, root: str) -> Iterator[tuple[str, Function]]:
    """Every method and function of the code by its qualified name."""
    total = 0
    for name in archive.members:
        if not name.startswith(f"{root}/code/") or not name.endswith(".py"):
            continue
        text = archive.read(name)
        total += len(text)
        if total > MAX_CODE_BYTES:
            raise NotUnderstood("holds more than 16 MB of code, and so much is not read.")
        with warnings.catch_warnings():
            # Python warns of odd escapes in code, and this code is the file's, where nobody can mend them.
            warnings.simplefilter("ignore")
            tree = ast.parse(text.decode("utf-8", "replace"))
        place = name.removeprefix(f"{root}/code/").removesuffix(".py").replace("/", ".")
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                yield f"{place}.{node.name}", Function(node)
            elif isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield f"{place}.{node.name}.{inner.name}", Function(inner)


# Objects


class _Objects:
    """Makes modules of the records of a pickle, each of them once."""

    def __init__(self, functions: dict[str, Function]) -> None:
        self.functions = functions
        self.known: dict[int, Module] = {}

    def module(self, record: Any, path: tuple[str, ...], depth: int) -> Module | None:
        """A record as a module, None if it is something else."""
        if not isinstance(record, Record) or not isinstance(record.state, dict) or depth > 60:
            return None
        # A module that is used in two places is one record, and its weights count once.
        if id(record) in self.known:
            return self.known[id(record)]
        if len(self.known) >= MAX_MODULES:
            raise NotUnderstood(f"holds more than {MAX_MODULES:,} modules, and so many are not read.")
        made = self.known[id(record)] = Module(record.name, {}, path)
        for key, value in record.state.items():
            made.attributes[str(key)] = self._attribute(value, (*path, str(key)), depth)
        return made

    def _attribute(self, value: Any, path: tuple[str, ...], depth: int) -> Any:
        shape = tensor_shape(value)
        if shape is not None:
            storage = storage_of(value)
            is_float = storage is None or not any(word in storage[0] for word in _WHOLE)
            is_buffer = path[-1] in ("running_mean", "running_var")
            return Weights(".".join(path), shape, is_float, is_float and not is_buffer)
        if isinstance(value, Record):
            return self.module(value, path, depth + 1)
        return value


def _constants(archive: Archive, root: str) -> list[Any]:
    """The CONSTANTS of the code; tensors of one element with their value."""
    name = f"{root}/constants.pkl"
    if name not in archive.members:
        return []
    values = read_pickle(archive.read(name))
    return [_constant(archive, root, value) for value in values] if isinstance(values, (list, tuple)) else []


def _constant(archive: Archive, root: str, value: Any) -> Any:
    shape = tensor_shape(value)
    if shape is None:
        return value
    storage = storage_of(value)
    letter = _SCALARS.get(storage[0].rpartition(".")[2]) if storage is not None else None
    if shape in ((), (1,)) and letter is not None and storage is not None:
        content = archive.view(f"{root}/constants/{storage[1]}")
        if content is not None:
            return struct.unpack_from(f"<{letter}", content)[0]
    return value


# The input


def _fitted(
    top: Module, functions: dict[str, Function], constants: list[Any], input_size: tuple[int, ...] | None
) -> tuple[Draft, int]:
    """The network for the given input size, or for the first usual one with which every layer fits."""
    forward = functions.get(f"{top.kind}.forward")
    if forward is None:
        raise NotUnderstood("is a TorchScript file whose module has no forward.")
    inputs = [argument.arg for argument in forward.code.args.args[1:]]
    if input_size is not None:
        return _as_asked(top, functions, constants, inputs, input_size)
    first: Exception | None = None
    start = time.monotonic()
    # TorchScript states no shapes at all, so that the first usual size with which every layer fits is taken, and said.
    for sizes, channels_last in _candidates(top):
        if time.monotonic() - start > MAX_SECONDS:
            break
        try:
            draft, stated = _followed(top, functions, constants, _inputs(inputs, sizes, channels_last))
        except _NOT_FITTING as error:
            first = first or error
            continue
        text = " × ".join(map(str, sizes))
        draft.assumed.append(f"The file states no input size; {text} was assumed, with which every layer fits.")
        return draft, stated
    reason = f": with the first of them it {first}" if isinstance(first, NotUnderstood) else "."
    raise NotUnderstood(f"states no input size, and no usual one fits; give it with --input-size{reason}")


def _as_asked(
    top: Module, functions: dict[str, Function], constants: list[Any], inputs: list[str], sizes: tuple[int, ...]
) -> tuple[Draft, int]:
    """The network for the sizes that were asked for: of two a sequence may have its channels last."""
    try:
        return _followed(top, functions, constants, _inputs(inputs, sizes, channels_last=False))
    except _NOT_FITTING:
        if len(sizes) != 2:
            raise
        try:
            return _followed(top, functions, constants, _inputs(inputs, sizes, channels_last=True))
        except _NOT_FITTING:
            pass
        raise


def _inputs(names: list[str], sizes: tuple[int, ...], channels_last: bool) -> list[GraphInput]:
    dims = (None, *sizes[1:], sizes[0]) if channels_last else (None, *sizes)
    return [GraphInput(name, dims, channels_last=channels_last) for name in names]


def _candidates(top: Module) -> Iterator[tuple[tuple[int, ...], bool]]:
    """Sizes to try, and whether channels come last: as an early layer expects them by the axes of its kernel."""
    kernels = list(dict.fromkeys(shape[1:] for shape in _kernels(top, 0)))
    channels = list(dict.fromkeys((len(shape), shape[0]) for shape in kernels))[:MAX_KERNELS]
    for axes, expected in channels or [(3, 3)]:
        if axes == 1:
            # A vector of features, a sequence of such, or numbers of words.
            yield (expected,), False
            yield from (((expected, size), True) for size in USUAL_LENGTHS)
            yield from (((size,), False) for size in USUAL_LENGTHS)
        elif axes == 2:
            yield from (((expected, size), False) for size in (1000, 2000, 128, 256, 16000, *USUAL_SIZES))
        elif axes == 3:
            yield from (((expected, size, size), False) for size in USUAL_SIZES)
        else:
            depths, sizes = (16, 8, 32), (112, 64, 32, 16)
            yield from (((expected, depth, size, size), False) for depth in depths for size in sizes)


def _kernels(module: Module, depth: int) -> Iterator[tuple[int, ...]]:
    """The shapes of the weights of all layers, in the order of the modules."""
    for name, value in module.attributes.items():
        if isinstance(value, Weights) and name == "weight" and len(value.shape) > 1:
            yield value.shape
        elif isinstance(value, Module) and depth < 60:
            yield from _kernels(value, depth + 1)


def _followed(
    top: Module, functions: dict[str, Function], constants: list[Any], inputs: list[GraphInput]
) -> tuple[Draft, int]:
    graph = Graph(inputs=inputs)
    draft = Draft("pytorch")
    tracer = tracer_of(graph, draft)
    tracer.begin(None)
    given = [Ref(each.name) for each in inputs]
    result = Interpreter(tracer, functions, constants).call_module(top, "forward", list(given), {})
    graph.outputs = [item.name for item in _tensors(result)]
    tracer.end()
    if draft.different:
        raise NotUnderstood("does not fit an input of this size.")
    return draft, sum(step.numbers.learned for step in draft.steps if step.numbers is not None)


def _tensors(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [ref for part in parts for ref in _tensors(part)]
