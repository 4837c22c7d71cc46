"""The dialects in which Keras describes the layers of a model and what flows between them, read as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from cnnstudio.formats.foreign.refusals import NotUnderstood

Config = dict[str, Any]
History = tuple[str, int, int]
"""A tensor: the name of the layer that gives it, which call of it, and which of its outputs."""
MAX_DEPTH = 60


class Tensor(Struct, frozen=True):
    """A tensor that a call takes, and its shape where the file states it; None for sizes left open."""

    history: History
    shape: tuple[int | None, ...] | None = None


class CallConfig(Struct, frozen=True):
    """One call of a layer: the tensors it takes, and its plain arguments, tensors among them as they stand."""

    tensors: tuple[Tensor, ...]
    arguments: tuple[Any, ...] = ()
    named: Config = {}


class LayerConfig(Struct, frozen=True):
    """One layer: its class, name, configuration, its calls, and what it was built for."""

    kind: str
    name: str
    config: Config
    calls: tuple[CallConfig, ...]
    module: str = ""
    built_for: Any = None

    @property
    def is_model(self) -> bool:
        """True if it holds layers itself; its class may have any name."""
        return isinstance(self.config.get("layers"), list)

    @property
    def is_operation(self) -> bool:
        """True if it is a function of Keras or TensorFlow that was called on tensors."""
        return ".ops." in self.module or self.kind in ("TFOpLambda", "TensorFlowOpLayer", "SlicingOpLambda")


def plain(value: Any) -> Any:
    """A value that Keras may wrap: `{"class_name": "__tuple__", "items": [...]}`."""
    if isinstance(value, dict):
        kind = value.get("class_name")
        if kind == "__tuple__":
            return [plain(item) for item in value.get("items", [])]
        if kind in ("__numpy__", "__tensor__"):
            return plain(value.get("config", {}).get("value"))
    return value


def layer_config(entry: Config) -> LayerConfig:
    """One entry of a model's list of layers. Raises NotUnderstood if it has no class or configuration."""
    kind = entry.get("class_name")
    config = entry.get("config", {})
    if isinstance(config, list):  # Keras 1 and early Keras 2 write a Sequential as the list of its layers
        config = {"name": str(entry.get("name") or "sequential"), "layers": config}
    if not isinstance(kind, str) or not isinstance(config, dict):
        raise NotUnderstood("describes a layer without a class or a configuration.")
    name = entry.get("name") or config.get("name") or kind.lower()
    build = entry.get("build_config")
    return LayerConfig(
        # A registered class is written `package>Class`.
        kind.rpartition(">")[2],
        str(name),
        config,
        tuple(_calls(entry.get("inbound_nodes", []))),
        str(entry.get("module") or ""),
        build.get("input_shape") if isinstance(build, dict) else None,
    )


def _calls(nodes: Any) -> Iterator[CallConfig]:
    """The calls of a layer. Keras 3 writes mappings of args and kwargs; Keras 1 and 2 lists of tensors."""
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict):
            arguments, named = node.get("args", []), node.get("kwargs", {})
            tensors = tuple(_tensors([arguments, named]))
            yield CallConfig(tensors, tuple(plain(item) for item in arguments), dict(named))
        elif isinstance(node, list):
            yield _old_call(node)
        else:
            raise NotUnderstood("describes the connections of a layer in an unknown way.")


def _old_call(node: list[Any]) -> CallConfig:
    """`[["name", node, tensor, {kwargs}], ...]`, or that of one tensor alone."""
    # Operations of Keras 2 write their one tensor without the list around it.
    entries = [node] if node and isinstance(node[0], str) else node
    tensors: list[Tensor] = []
    arguments: list[Any] = []
    named: Config = {}
    for entry in entries:
        if not isinstance(entry, list) or len(entry) < 3:
            raise NotUnderstood("describes the connections of a layer in an unknown way.")
        # TFOpLambda writes a plain number so, in the place of a tensor.
        if entry[0] == "_CONSTANT_VALUE":
            arguments.append(entry[2])
        else:
            tensors.append(Tensor(_history(entry)))
            arguments.append(entry[:3])
        if len(entry) > 3 and isinstance(entry[3], dict):
            named.update(entry[3])
    # Tensors may be keyword arguments too, such as the second operand of an operation.
    for value in named.values():
        tensors.extend(Tensor(found) for found in histories(value))
    return CallConfig(tuple(tensors), tuple(arguments), named)


def is_old_history(value: Any) -> bool:
    """True if a value is the way in which Keras 2 names a tensor."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and value[0] != "_CONSTANT_VALUE"
        and type(value[1]) is int
        and type(value[2]) is int
    )


def _history(entry: list[Any]) -> History:
    name, node, tensor = entry[:3]
    if not isinstance(name, str) or type(node) is not int or type(tensor) is not int:
        raise NotUnderstood("names a tensor in an unknown way.")
    return name, node, tensor


def _tensors(value: Any, depth: int = 0) -> Iterator[Tensor]:
    """The tensors in the arguments of a call, in their order."""
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests the arguments of a layer too deeply.")
    if isinstance(value, dict):
        if is_tensor(value):
            config = value["config"]
            yield Tensor(_history(config["keras_history"]), _shape(config.get("shape")))
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _tensors(item, depth + 1)


def is_tensor(value: Any) -> bool:
    """True if a value is the way in which Keras 3 names a tensor."""
    return (
        isinstance(value, dict)
        and value.get("class_name") == "__keras_tensor__"
        and isinstance(value.get("config"), dict)
        and isinstance(value["config"].get("keras_history"), list)
        and len(value["config"]["keras_history"]) == 3
    )


def _shape(value: Any) -> tuple[int | None, ...] | None:
    value = plain(value)
    if not isinstance(value, list) or not all(size is None or type(size) is int for size in value):
        return None
    return tuple(value)


def histories(value: Any, depth: int = 0) -> list[History]:
    """The tensors that `input_layers`, `output_layers` or an argument name, however they are nested.

    Raises NotUnderstood if they are nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise NotUnderstood("nests its inputs or outputs too deeply.")
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return []
    if is_old_history(value):
        return [_history(value)]
    return [found for item in value for found in histories(item, depth + 1)]
