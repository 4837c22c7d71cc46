"""The scope of an operation: from the scopes that exporters write, the names of nodes, or the names of weights."""

from __future__ import annotations

import re
from collections import Counter

from cnnstudio.core.network.layer import natural_name
from cnnstudio.formats.foreign.onnx.messages import Node

_SCOPES = "pkg.torch.onnx.name_scopes"
_QUOTED = re.compile(r"'([^']*)'")
_WEIGHT = re.compile(r"(.+)\.(weight|bias|running_mean|running_var|layer_scale|gamma|beta)(?:_\w+)?$")
_PLAIN = re.compile(r"^(?:node_)?(.*?)(?:_\d+)?$")


class Naming:
    """Gives every node of a graph a path; `weights` are the names of its initializers."""

    def __init__(self, nodes: list[Node], weights: set[str]) -> None:
        uses = Counter(name for node in nodes for name in node.inputs)
        # Exporters merge weights that are equal, so that a shared one does not tell which module a node is in.
        self.weights = {name for name in weights if uses[name] == 1}
        names = [node.name for node in nodes if node.kind not in ("Constant", "ConstantOfShape")]
        slashed = sum("/" in name for name in names)
        self.has_slashes = any(name.startswith("/") for name in names) or slashed > len(names) // 2
        dotted = sum(_WEIGHT.match(name) is not None for name in weights)
        self.has_modules = dotted > len(weights) // 2
        self.module: tuple[str, ...] = ()

    def path(self, node: Node) -> tuple[str, ...]:
        """The modules that lead to a node, and its name."""
        own = self._weight_path(node)
        if own is not None:
            return own
        scope = self.scope(node)
        if scope is not None:
            return (*scope, natural_name(node.kind))
        if self.has_modules:
            return self._by_weights(node)
        return (node.name or natural_name(node.kind),)

    def scope(self, node: Node) -> tuple[str, ...] | None:
        """The modules that called a node, None if the file does not say."""
        scopes = node.metadata.get(_SCOPES)
        if scopes:
            names = _QUOTED.findall(scopes)
            modules = next((name for name in reversed(names[:-1]) if name), "")
            return tuple(filter(None, modules.split(".")))
        if self.has_slashes and "/" in node.name:
            return self._by_slashes(node)
        return None

    def _by_slashes(self, node: Node) -> tuple[str, ...]:
        """`/layer1/layer1.0/conv1/Conv`: in PyTorch's names each part repeats the one before it."""
        parts = [part for part in node.name.split("/")[:-1] if part]
        path: list[str] = []
        for before, part in zip(["", *parts], parts, strict=False):
            path.append(part.removeprefix(f"{before}.") if before else part)
        return tuple(piece for part in path for piece in part.split("."))

    def _weight_path(self, node: Node) -> tuple[str, ...] | None:
        """The module whose weights a node takes; None if it takes none, or if the names do not say."""
        if not self.has_modules:
            return None
        for name in node.inputs:
            match = _WEIGHT.match(name) if name in self.weights else None
            if match is not None:
                path = tuple(match.group(1).split("."))
                self.module = path[:-1]
                return (*path, natural_name(node.kind))
        return None

    def _by_weights(self, node: Node) -> tuple[str, ...]:
        """`layer1.0.conv1.weight` is in `layer1.0.conv1`; what has no weights is where the last one was."""
        plain = _PLAIN.match(node.name)
        own = plain.group(1) if plain is not None and plain.group(1) else natural_name(node.kind)
        return (*self.module, own.lower())
