"""Verification: a design is exported, run by its framework, and compared row by row."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from cnnstudio.core.arithmetic.convention import KERAS, PYTORCH
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.lookup import owner_paths
from cnnstudio.core.counting.rows import Row
from cnnstudio.core.network.design import Block, find, path_from, path_text
from cnnstudio.core.network.sharing import shares_any
from cnnstudio.exports.keras import KERAS_SOURCE
from cnnstudio.exports.keras.naming import full_name, path_from_numbered
from cnnstudio.exports.onnx import every_row
from cnnstudio.exports.pytorch import PYTORCH_SOURCE
from cnnstudio.exports.target import Exported, ExportOptions, Mark, counted_for
from cnnstudio.layers.structure import Input, Output
from cnnstudio.verification.process import DEFAULT_LIMIT, Started, run_probe
from cnnstudio.verification.verdict import Comparing, Verdict

Check = Callable[[Analysis, str, float, Started | None], Verdict]


def verify(
    analysis: Analysis, framework: str, python: str, limit: float = DEFAULT_LIMIT, started: Started | None = None
) -> Verdict:
    """Compares a design with a framework in the interpreter `python`, which may take `limit` seconds.

    Raises ExportError for a design that cannot be exported, and VerifyError where the framework cannot run.
    """
    return FRAMEWORKS[framework](analysis, python, limit, started)


def _check_pytorch(analysis: Analysis, python: str, limit: float, started: Started | None) -> Verdict:
    analysis = counted_for(analysis, PYTORCH)
    exported = PYTORCH_SOURCE.write(analysis, ExportOptions())
    answer = run_probe("pytorch", _request(analysis, exported, ast.ClassDef), python, limit, {}, started)
    marks = _Marks(exported.marks)
    shapes = {(scope, line): shape for scope, line, shape in answer["shapes"]}
    comparing = Comparing(analysis, "PyTorch", answer["version"])
    macs = _macs_of_modules(analysis)
    for row in _computed(analysis):
        scope = _module_path(analysis, row, marks)
        shape = marks.shape_of(row, scope, shapes)
        # The layers in a block that shares its weights run as those of the owner.
        if shape is not None or not row.owner:
            comparing.compare(row.path, "output shape", _listed(row.given_shape), shape)
        counts = marks.attribute(row.place)
        found = answer["layers"].get(f"{scope}.{counts}".lstrip(".")) if counts else None
        _compare_counts(comparing, row, found or {"parameters": 0, "trainable": 0, "state": 0, "macs": None}, macs)
    return comparing.verdict()


def _macs_of_modules(analysis: Analysis) -> dict[str, int]:
    """The MACs of each row's module by the path of the row: those of every row that calls it."""
    macs = {row.path: row.macs or 0 for row in analysis.rows}
    for path, owner in owner_paths(analysis.rows).items():
        macs[owner] += macs[path]
    return macs


def _compare_counts(comparing: Comparing, row: Row, found: dict[str, Any], macs: dict[str, int]) -> None:
    if row.counts is None:
        return
    comparing.compare(row.path, "parameters", row.counts.parameters, found["parameters"])
    comparing.compare(row.path, "trainable", row.trainable, found["trainable"])
    comparing.compare(row.path, "state", row.counts.state, found["state"])
    if row.counts.macs and found["macs"] is not None:
        comparing.compare(row.path, "MACs", macs[row.path], found["macs"])


def _check_keras(analysis: Analysis, python: str, limit: float, started: Started | None) -> Verdict:
    analysis = counted_for(analysis, KERAS)
    # A function for a block makes new layers each time, which is not what a block means that shares weights.
    is_flat = shares_any(analysis.design.layers)
    exported = KERAS_SOURCE.write(analysis, ExportOptions(flat=is_flat))
    answer = run_probe("keras", _request(analysis, exported, ast.FunctionDef), python, limit, {}, started)
    marks = _Marks(exported.marks)
    shapes = {(scope, line): shape for scope, line, shape in answer["shapes"]}
    comparing = Comparing(analysis, "Keras", answer["version"])
    for row in _computed(analysis):
        parent = "" if is_flat else _parent(row.path)
        scope = full_name(parent) if parent else ""
        # Written out, a layer is applied to all the steps of a sequence; in a function, to one.
        wanted = row.output_shape if is_flat else row.given_shape
        comparing.compare(row.path, "output shape", _listed(wanted), marks.shape_of(row, scope, shapes))
        if row.counts is not None:
            own = full_name(row.path)
            counts = [found for end in marks.ends(row.place) if (found := answer["layers"].get(own + end))]
            stored = row.counts.parameters + row.counts.state
            comparing.compare(row.path, "parameters", stored, sum([count["stored"] for count in counts]))
            comparing.compare(row.path, "trainable", row.trainable, sum([count["trainable"] for count in counts]))
    return comparing.verdict()


def _check_onnx(analysis: Analysis, python: str, limit: float, started: Started | None) -> Verdict:
    analysis = counted_for(analysis, PYTORCH)
    content = every_row(analysis)
    answer = run_probe("onnx", {"file": ""}, python, limit, {"file": content}, started)
    shapes = {path: shape for path, _, shape in answer["shapes"]}
    comparing = Comparing(analysis, "ONNX", answer["version"])
    for row in _computed(analysis):
        comparing.compare(row.path, "output shape", _listed(row.output_shape), shapes.get(row.path))
        if row.counts is not None and answer["layers"]:
            found = answer["layers"].get(row.path, {"parameters": 0, "state": 0})
            comparing.compare(row.path, "parameters", row.counts.parameters, found["parameters"])
            # The count of examples behind Keras' Normalization is no number that inference needs.
            extra = row.counts.state % 2 if row.layer.type_name == "Normalization" else 0
            comparing.compare(row.path, "state", row.counts.state - extra, found["state"])
    return comparing.verdict()


FRAMEWORKS: dict[str, Check] = {"pytorch": _check_pytorch, "keras": _check_keras, "onnxruntime": _check_onnx}
"""The frameworks that a design can be verified with."""


def _computed(analysis: Analysis) -> list[Row]:
    """The rows that code computes: inputs are given, and an Output only passes on."""
    return [row for row in analysis.rows if not isinstance(row.layer, (Input, Output))]


def _listed(shape: Shape | None) -> list[int] | None:
    return None if shape is None else shape.to_list()


def _request(analysis: Analysis, exported: Exported, kind: type[ast.ClassDef | ast.FunctionDef]) -> dict[str, Any]:
    """The source, the name of its last class or function, the inputs, and the variable that each line assigns."""
    named = [node.name for node in ast.parse(exported.text).body if isinstance(node, kind)]
    inputs = [row.output_shape for row in analysis.rows if isinstance(row.layer, Input)]
    variables = {
        line: mark.variable for mark in exported.marks if mark.variable for line in range(mark.first, mark.last + 1)
    }
    return {
        "source": exported.text,
        "name": named[-1],
        "inputs": [shape.to_list() for shape in inputs if shape is not None],
        "variables": variables,
    }


class _Marks:
    """The marks of a text by place. A place may stand in several texts, of which a pass takes one."""

    def __init__(self, marks: tuple[Mark, ...]) -> None:
        self._lines: dict[str, list[Mark]] = {}
        self._named: dict[str, list[Mark]] = {}
        for mark in marks:
            for place in mark.places:
                if mark.variable:
                    self._lines.setdefault(place, []).append(mark)
                if mark.names:
                    self._named.setdefault(place, []).append(mark)

    def shape_of(self, row: Row, scope: str, shapes: dict[tuple[str, int], list[int]]) -> list[int] | None:
        """The shape that a row had in the run of its text that has this scope."""
        lines = [line for mark in self._lines.get(row.place, ()) for line in range(mark.last, mark.first - 1, -1)]
        return next((shapes[scope, line] for line in reversed(lines) if (scope, line) in shapes), None)

    def attribute(self, place: str) -> str:
        """The attribute that holds what was made for a place; empty if nothing was."""
        found = self._named.get(place)
        return found[0].names[0] if found else ""

    def ends(self, place: str) -> list[str]:
        """The ends of the names of all layers that say a place."""
        return list(dict.fromkeys([end for mark in self._named.get(place, ()) for end in mark.names]))


def _parent(path: str) -> str:
    """The path of the block around a row; empty on the design's own list. An escaped slash belongs to a name."""
    return re.split(r"(?<!\\)/(?=(?:[^/\\]|\\.)*$)", path)[0] if re.search(r"(?<!\\)/", path) else ""


def _module_path(analysis: Analysis, row: Row, marks: _Marks) -> str:
    """The path of the module around a row's own, in the words of PyTorch: `layer1.rest.0`."""
    words: list[str] = []
    place = path_from(row.place)[:-1]
    numbers = [number for _, number in path_from_numbered(row.path)]
    for depth in range(1, len(place) + 1):
        block = find(analysis.design, place[:depth])
        words.append(marks.attribute(path_text(place[:depth])))
        if isinstance(block, Block) and block.repeat > 1:
            words.append(str(int(numbers[depth - 1]) - 1))
    return ".".join(words)
