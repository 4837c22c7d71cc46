"""Keras JSON, for `keras.models.model_from_json`: the layers of the flat source as data, one a line.

JSON holds layers and how they are connected, and no code. So what the source says by a helper or an operation is
refused.
"""

from __future__ import annotations

import ast
import json
from typing import Any

from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.dialects.keras import KERAS as DIALECT
from cnnstudio.exports.keras import KERAS_SOURCE
from cnnstudio.exports.keras.naming import word
from cnnstudio.exports.target import Exported, ExportError, ExportOptions, Mark, Target, Unsayable

TITLE = "Keras JSON"


class _NotALayer(Exception):
    """A statement that computes by more than a layer; the text is the name of the function."""


def write(analysis: Analysis, options: ExportOptions) -> Exported:
    """The JSON of a functional model; raises ExportError with every layer that takes code."""
    source = KERAS_SOURCE.write(analysis, ExportOptions(flat=True))
    # Helpers are functions as well, and stand before the one that builds the model.
    main = next(node for node in reversed(ast.parse(source.text).body) if isinstance(node, ast.FunctionDef))
    places = {line: mark.places for mark in source.marks for line in range(mark.first, mark.last + 1)}
    model = _Model()
    refusals = []
    for statement in main.body:
        if not isinstance(statement, ast.Assign):
            continue
        place = places[statement.lineno]
        try:
            model.add(statement, place)
        except _NotALayer as reason:
            sentence = f"it takes {reason}, which is code, and JSON holds layers alone"
            refusals.append(Unsayable(place[0], sentence, "Export Keras source."))
    if refusals:
        raise ExportError(TITLE, refusals)
    returned = main.body[-1]
    assert isinstance(returned, ast.Return)
    assert isinstance(returned.value, ast.Call)
    return model.exported(returned.value, word(options.class_name or analysis.design.name))


class _Model:
    """The layers as they come, and the layer that gives what each variable holds."""

    def __init__(self) -> None:
        self._layers: list[tuple[dict[str, Any], tuple[str, ...]]] = []
        self._given: dict[str, list[Any]] = {}
        self._made: dict[str, tuple[str, dict[str, Any]]] = {}
        self._places: dict[str, int] = {}

    def add(self, statement: ast.Assign, places: tuple[str, ...]) -> None:
        """Adds the layer of a statement `x = layers.Conv2D(...)(y)`."""
        target, value = statement.targets[0], statement.value
        assert isinstance(target, ast.Name)
        self._given.setdefault(target.id, [])
        if not isinstance(value, ast.Call):
            raise _NotALayer("an operation" if not isinstance(value, ast.Name) else "another name")
        made = ast.unparse(value.func)
        if isinstance(value.func, ast.Attribute) and made.startswith("layers."):
            # A layer that is called more than once is made by a statement of its own.
            self._made[target.id] = made.removeprefix("layers."), _config(made.removeprefix("layers."), value)
            return
        self._given[target.id] = self._input(value, places) if made == "keras.Input" else self._layer(value, places)

    def _input(self, made: ast.Call, places: tuple[str, ...]) -> list[Any]:
        name = str(ast.literal_eval(made.keywords[0].value))
        shape = [None, *ast.literal_eval(made.args[0])]
        self._append("InputLayer", {"batch_shape": shape, "dtype": "float32", "name": name}, [], places)
        return [name, 0, 0]

    def _layer(self, applied: ast.Call, places: tuple[str, ...]) -> list[Any]:
        """Adds a call of a layer; returns the layer, which of its calls it is, and the number of its output."""
        kind, config = self._called(applied.func)
        # Layers that join take one list, attention takes several arguments.
        taken = [
            [self._tensor(part) for part in item.elts] if isinstance(item, ast.List) else self._tensor(item)
            for item in applied.args
        ]
        call = {"args": taken, "kwargs": {}}
        name = str(config["name"])
        at = self._places.get(name)
        if at is None:
            self._append(kind, config, [call], places)
            return [name, 0, 0]
        record, before = self._layers[at]
        record["inbound_nodes"].append(call)
        self._layers[at] = record, (*before, *places)
        return [name, len(record["inbound_nodes"]) - 1, 0]

    def _called(self, made: ast.expr) -> tuple[str, dict[str, Any]]:
        """The layer that is called: its class and its settings."""
        if isinstance(made, ast.Name) and made.id in self._made:
            return self._made[made.id]
        if not isinstance(made, ast.Call):
            raise _NotALayer(f"`{ast.unparse(made)}`")
        kind = ast.unparse(made.func)
        if not kind.startswith("layers."):
            raise _NotALayer(f"`{kind}`")
        kind = kind.removeprefix("layers.")
        return kind, _config(kind, made)

    def _tensor(self, item: ast.expr) -> dict[str, Any]:
        """The inputs of a layer, by the layer that gives them."""
        if not isinstance(item, ast.Name):
            raise _NotALayer("an operation")
        # Keras connects by these alone, so the shape below need not be right.
        history = self._given[item.id]
        return {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None], "dtype": "float32", "keras_history": history},
        }

    def _append(self, kind: str, config: dict[str, Any], nodes: list[Any], places: tuple[str, ...]) -> None:
        record = {"module": "keras.layers", "class_name": kind, "config": config, "registered_name": None}
        self._places[config["name"]] = len(self._layers)
        self._layers.append(({**record, "name": config["name"], "inbound_nodes": nodes}, places))

    def exported(self, made: ast.Call, name: str) -> Exported:
        """The text, a line for each layer."""
        inputs, outputs = [self._ends(item) for item in made.args]
        lines = ["{", ' "module": "keras.src.models.functional",', ' "class_name": "Functional",']
        lines += [' "registered_name": "Functional",', ' "config": {', f'  "name": {json.dumps(name)},']
        lines += ['  "trainable": true,', '  "layers": [']
        marks = []
        for at, (record, places) in enumerate(self._layers):
            lines.append(f"   {json.dumps(record)}{',' if at + 1 < len(self._layers) else ''}")
            marks.append(Mark(places, len(lines), len(lines)))
        lines += [
            "  ],",
            f'  "input_layers": {json.dumps(inputs)},',
            f'  "output_layers": {json.dumps(outputs)}',
            " }",
            "}",
        ]
        return Exported(("\n".join(lines) + "\n").encode(), tuple(marks))

    def _ends(self, item: ast.expr) -> list[Any]:
        """The layers that a name, or a list of names, stands for."""
        names = item.elts if isinstance(item, ast.List) else [item]
        return [self._given[name.id] for name in names if isinstance(name, ast.Name)]


def _config(kind: str, made: ast.Call) -> dict[str, Any]:
    """The arguments of a layer by name; those that are stated by place are called as in the dialect's table."""
    spelling = DIALECT.find(kind)
    # What goes around another layer takes that first.
    names = [item.name for item in spelling.arguments] if spelling is not None else ["layer"]
    stated = [*zip(names, made.args, strict=False), *[(str(item.arg), item.value) for item in made.keywords]]
    try:
        return {name: _value(value) for name, value in stated}
    except ValueError:
        # An operation where a word would be enough for a function of Keras' own.
        raise _NotALayer("an operation") from None


def _value(made: ast.expr) -> Any:
    """An argument: a constant, or a layer, as the file describes it."""
    if not isinstance(made, ast.Call):
        return ast.literal_eval(made)
    kind = ast.unparse(made.func).removeprefix("layers.")
    return {"module": "keras.layers", "class_name": kind, "config": _config(kind, made), "registered_name": None}


KERAS_JSON = Target(
    "keras-json",
    TITLE,
    "a functional model for keras.models.model_from_json, without code",
    (".json",),
    DIALECT,
    is_text=True,
    choices=("class_name",),
    write=write,
)
