"""`.pt2` files of torch.export: names, shapes and modules stand in them as JSON; the pickles beside it are left alone.

https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.passes.all_passes import tidy
from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.foreign.torch.building import Builder, Call, Ref
from cnnstudio.formats.foreign.torch.operators import OPERATORS, operator_name, write
from cnnstudio.formats.foreign.tracing.graph import Dims, Graph, GraphInput, Operation
from cnnstudio.formats.foreign.tracing.rules import trace
from cnnstudio.formats.foreign.tracing.values import Constant
from cnnstudio.formats.foreign.wire.archive import Archive
from cnnstudio.formats.foreign.wire.buffers import mapped

Config = dict[str, Any]
FLOATS = frozenset((6, 7, 8, 13))
"""Element types of floating-point numbers in the file: half, float, double, bfloat16."""
MAJOR = 8


def read_exported_program(path: Path, input_size: tuple[int, ...] | None) -> Source:
    """A `.pt2` file."""
    with mapped(path) as content:
        archive = Archive(path, content)
        name = next((name for name in archive.members if _is_model(name)), None)
        if name is None:
            raise NotUnderstood("is an archive of torch.export without a program in it.")
        config = json.loads(archive.read(name))
    program = ProgramReader(config)
    draft = Draft("pytorch")
    trace(program.graph, draft, input_size)
    program.note_unused(draft)
    stated = sum(step.numbers.learned for step in draft.steps if step.numbers is not None)
    tidy(draft)
    stated -= draft.discounted
    version = config.get("torch_version")
    return Source("pt2", f"PyTorch {version}" if isinstance(version, str) else "PyTorch", path.stem, draft, stated)


def _is_model(name: str) -> bool:
    parts = name.split("/")
    return name.endswith(".json") and ("models" in parts or parts[-1] == "serialized_exported_program.json")


class ProgramReader:
    """The graph of one exported program."""

    def __init__(self, config: Config) -> None:
        module = config["graph_module"]
        self.config: Config = module["graph"]
        self.signature: Config = module["signature"]
        version = config.get("schema_version")
        # Its authors call the schema a placeholder that may change; a minor version only adds fields, which reading by
        # key passes over.
        if isinstance(version, dict) and version.get("major", MAJOR) != MAJOR:
            raise NotUnderstood(
                f"is an exported program of format version {version.get('major')}, and version {MAJOR} is read; "
                "export the model again with PyTorch 2.6 or later."
            )
        self.graph = Graph()
        self.builder = Builder(self.graph)
        self.parameters: dict[str, str] = {}
        self.used: set[str] = set()
        self._constants()
        for node in self.config["nodes"]:
            self._node(node)
        self.graph.outputs = [name for name in self._outputs() if name]

    # Tensors

    def _dims(self, name: str) -> Dims:
        sizes = self.config["tensor_values"][name]["sizes"]
        return tuple(self._integer(size) for size in sizes)

    def _integer(self, value: Any) -> int:
        """A size: a number, or an expression with the number that it had when it was exported."""
        if type(value) is int:
            return value
        if isinstance(value, dict):
            if "as_int" in value:
                return int(value["as_int"])
            if "as_expr" in value:
                # A batch left open is an expression; the hint is the number of the example that it was exported with.
                return self._integer(value["as_expr"]["hint"])
            if "as_name" in value:
                return self._integer(self.config["sym_int_values"][value["as_name"]])
        raise NotUnderstood("states a size that is no number.")

    def _constants(self) -> None:
        """Parameters and buffers as constants, and what flows in as inputs."""
        for spec in self.signature["input_specs"]:
            ((kind, content),) = spec.items()
            if kind == "user_input":
                name = _tensor_name(content["arg"])
                if name:
                    is_float = self.config["tensor_values"][name].get("dtype") in FLOATS
                    self.graph.inputs.append(GraphInput(name, self._dims(name), is_float))
            elif kind in ("parameter", "buffer", "tensor_constant"):
                name = content["arg"]["name"]
                key = content.get(f"{kind}_name", name)
                dims = tuple(size or 0 for size in self._dims(name))
                is_float = self.config["tensor_values"][name].get("dtype") in FLOATS
                # Buffers of integers, such as the count of batches in a BatchNorm, are no numbers of the network.
                count = prod(dims) if kind != "tensor_constant" and is_float else 0
                self.graph.constants[name] = Constant(
                    dims, None, is_float, count, origin=key, is_learned=kind == "parameter"
                )
                if kind == "parameter":
                    self.parameters[name] = key

    def _outputs(self) -> Iterator[str]:
        for spec in self.signature["output_specs"]:
            ((kind, content),) = spec.items()
            if kind == "user_output":
                yield _tensor_name(content["arg"])

    # Nodes

    def _node(self, node: Config) -> None:
        outputs = tuple(_output_names(node.get("outputs", [])))
        if not outputs:
            return
        path = _path(node)
        arguments = {item["name"]: self._argument(item["arg"]) for item in node.get("inputs", [])}
        call = Call(operator_name(str(node["target"])), arguments, outputs, path)
        for name in _referred(arguments):
            self.used.add(name)
        for name in outputs:
            if name in self.config["tensor_values"]:
                self.graph.stated[name] = self._dims(name)
        if call.name in OPERATORS:
            before = len(self.graph.operations)
            try:
                write(self.builder, call)
                return
            except NotUnderstood:
                # Half of what an operator becomes must not stay behind where its rule gives up.
                del self.graph.operations[before:]
        if all(name not in self.config["tensor_values"] for name in outputs):
            return  # sizes that are computed; where they are used, the file states the number
        inputs = tuple(dict.fromkeys(_referred(arguments)))
        self.graph.operations.append(Operation(call.name, inputs, outputs, {}, path))

    def _argument(self, value: Config) -> Any:
        ((kind, content),) = value.items() if len(value) == 1 else [next(iter(value.items()))]
        if kind == "as_none":
            return None
        if kind == "as_tensor":
            return Ref(content["name"])
        if kind == "as_tensors":
            return [Ref(item["name"]) for item in content]
        if kind == "as_optional_tensors":
            # One that is left out keeps its place, by which the axis is told that an index is for.
            return [Ref(item["as_tensor"]["name"]) if "as_tensor" in item else None for item in content]
        if kind == "as_optional_tensor":
            return Ref(content["as_tensor"]["name"]) if "as_tensor" in content else None
        if kind == "as_sym_int":
            return self._integer(content)
        if kind == "as_sym_ints":
            return [self._integer(item) for item in content]
        if kind in ("as_int", "as_float", "as_bool", "as_string", "as_ints", "as_floats", "as_bools", "as_strings"):
            return content
        return None

    def note_unused(self, draft: Draft) -> None:
        """Says which parameters no operation takes: modules that are made and never used."""
        unused = [name for name in self.parameters if name not in self.used]
        if unused:
            count = sum(self.graph.constants[name].numbers for name in unused)
            shown = ", ".join(self.parameters[name] for name in unused[:3])
            draft.notes.append(
                f"{len(unused)} tensors with {count:,} parameters are made and never used, such as {shown}; "
                "they are not in the design."
            )


def _tensor_name(argument: Config) -> str:
    tensor = argument.get("as_tensor")
    return str(tensor["name"]) if isinstance(tensor, dict) else ""


def _output_names(outputs: list[Config]) -> Iterator[str]:
    for output in outputs:
        ((kind, content),) = output.items()
        if kind == "as_tensor":
            yield str(content["name"])
        elif kind == "as_tensors":
            yield from (str(item["name"]) for item in content)
        elif kind in ("as_sym_int", "as_int", "as_none"):
            yield str(content.get("as_name", "")) if isinstance(content, dict) else ""


def _referred(value: Any) -> Iterator[str]:
    """The tensors among arguments."""
    if isinstance(value, Ref):
        yield value.name
    elif isinstance(value, dict):
        for item in value.values():
            yield from _referred(item)
    elif isinstance(value, list):
        for item in value:
            yield from _referred(item)


def _path(node: Config) -> tuple[str, ...]:
    """The modules of `nn_module_stack`, whose entries are `key,path,class;…`, and the operator's name."""
    stack = str((node.get("metadata") or {}).get("nn_module_stack") or "")
    own = operator_name(str(node["target"]))
    entries = [entry.split(",") for entry in stack.split(";") if entry.count(",") >= 2]
    # The last entry is the innermost module; an empty path is the model itself.
    module = next((entry[1] for entry in reversed(entries) if entry[1]), "")
    return (*[part for part in module.split(".") if part], own)
