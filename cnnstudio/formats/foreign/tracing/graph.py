"""A graph of tensor operations under the names of ONNX, whichever format it was read from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from cnnstudio.formats.foreign.tracing.values import Constant

Dims = tuple[int | None, ...]
"""The sizes of a tensor with its batch, None for what the file leaves open."""


class Operation(Struct):
    """One operation. `path` leads to it through the modules of the network and ends in its own name.

    `scope` are the modules that the file itself says called it, None if it does not say.
    """

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    path: tuple[str, ...]
    scope: tuple[str, ...] | None = None

    @property
    def place(self) -> str:
        """The path, for sentences."""
        return "/".join(self.path)


class GraphInput(Struct, frozen=True):
    """An input of the graph. `channels_last` is None where the graph itself has to tell it."""

    name: str
    dims: Dims
    is_float: bool = True
    channels_last: bool | None = None


class Graph(Struct):
    """A whole graph, its operations in the order of execution; `stated` are shapes that the file tells.

    Weights are constants of the graph where it `holds_weights_apart`, so that no `Constant` among its operations is
    learned; else they may be there, or filled by a `ConstantOfShape`. `says_learned` tells by the name of a weight what
    the file says of it.
    """

    inputs: list[GraphInput] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    constants: dict[str, Constant] = field(default_factory=dict)
    stated: dict[str, Dims] = field(default_factory=dict)
    merges_equal: bool = False
    holds_weights_apart: bool = False
    fills_are_weights: bool = True
    says_learned: Callable[[str], bool | None] = lambda _name: None

    def is_shared(self, operation: Operation, first: Operation, weight: str) -> bool:
        """True if an operation that takes a weight again shares it.

        An exporter that merges equal weights leaves a name of another module, and a file without names tells nothing.
        """
        if not self.merges_equal:
            return True
        if not operation.scope or not first.scope:
            return False
        module = _module(operation.scope)
        is_same = first.scope in (operation.scope, module) or _module(first.scope) == operation.scope
        return is_same and tuple(weight.split(".")[:-1]) in (operation.scope, module)


def _module(scope: tuple[str, ...]) -> tuple[str, ...]:
    """The modules of a call; a second call of one is named `conv_1`."""
    return tuple(re.sub(r"_\d+$", "", part) for part in scope)
