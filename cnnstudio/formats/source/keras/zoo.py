"""Networks of keras.applications by name, with or without their head, as the built-in designs that equal them."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.source.keras.layers import KerasLayer
from cnnstudio.formats.source.keras.models import Functional
from cnnstudio.formats.source.keras.tensors import KerasTensor
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.zoo import KERAS, ZooRow, input_of, rows_of
from cnnstudio.layers.pooling import GlobalAvgPool, GlobalMaxPool

_ARGUMENTS = ("include_top", "weights", "input_tensor", "input_shape", "pooling", "classes")
_POOLED = ("GlobalAvgPool", "Flatten")


def make(host: Any, bare: str, given: list[Any], named: dict[str, Any]) -> Any:
    """A network by its function's name; Unknown for one that no built-in design equals."""
    stem = KERAS.get(bare)
    if stem is None:
        return Unknown(f"Keras' {bare}, which no built-in design equals")
    values = {**dict(zip(_ARGUMENTS, given, strict=False)), **named}
    rows = rows_of(stem)
    has_top = values.get("include_top", True) is not False
    found = host.tensors(values.get("input_tensor"))
    if found:
        start = found[0].step
    else:
        sizes = host.sizes_of({"shape": values.get("input_shape")}) or (input_of(stem) if has_top else (3, None, None))
        if host.input_size is not None and None in sizes and len(host.input_size) == len(sizes):
            sizes = host.input_size
        start = host.steps.add_input(sizes, "input", host.core.line)
    end = len(rows) if has_top else top_of(rows)
    last = _applied(host, rows[:end], start, values.get("classes", 1000) if has_top else None)
    pooling: dict[Any, Layer] = {"avg": GlobalAvgPool(), "max": GlobalMaxPool()}
    if not has_top and values.get("pooling") in pooling:
        last = _added(host, pooling[values["pooling"]], (f"{values['pooling']}_pool",), (last,))
    name = values.get("name")
    return Functional(host, name if isinstance(name, str) else stem.replace(".", "_"), [start], [last])


def top_of(rows: tuple[ZooRow, ...]) -> int:
    """The place at which the head begins: the first pooling or flattening after the last block."""
    after = max((place for place, row in enumerate(rows) if len(row.path) > 1), default=0)
    return next(place for place, row in enumerate(rows) if place >= after and row.layer.type_name in _POOLED)


def _applied(host: Any, rows: tuple[ZooRow, ...], start: int, classes: Any) -> int:
    """The step of the last row; the last layer with weights has as many outputs as there are classes."""
    steps: dict[int, int] = {-1: start}
    weighted = max(place for place, row in enumerate(rows) if row.parameters)
    for place, row in enumerate(rows):
        layer = row.layer
        if place == weighted and classes is not None:
            if type(classes) is not int:
                raise NotFollowed("makes a network with a number of classes that is not known.")
            layer = structs.replace(layer, **{"units" if hasattr(layer, "units") else "filters": classes})
        steps[place] = _added(host, layer, row.path, tuple(steps[index] for index in row.inputs))
    return steps[len(rows) - 1]


def _added(host: Any, layer: Layer, path: tuple[str, ...], sources: tuple[int, ...]) -> int:
    """A step and the layer that owns it, which can be frozen."""
    owner = KerasLayer(layer.type_name, {"name": "/".join(path)}, host)
    first = len(host.draft.steps)
    try:
        step = host.draft.add(layer, (*host.path, *path), sources)
    except NotUnderstood as refusal:
        raise NotFollowed(str(refusal).partition(": ")[2] or str(refusal)) from None
    host.steps.note(first, owner, host.core.line)
    owner.output = KerasTensor(host, step)
    return int(step)
