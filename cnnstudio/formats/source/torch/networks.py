"""A network of PyTorch as a draft: its forward is followed for one input size."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from msgspec import structs

from cnnstudio.formats.source.language.limits import Budget
from cnnstudio.formats.source.language.objects import Objects
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Bound, Function, Instance, Namespace, NotFollowed, Raised, Unknown
from cnnstudio.formats.source.sizes import Size
from cnnstudio.formats.source.torch.calls.sampling import Distribution
from cnnstudio.formats.source.torch.containers import Container
from cnnstudio.formats.source.torch.host import TorchModules
from cnnstudio.formats.source.torch.layers import Layer
from cnnstudio.formats.source.torch.modules import parameters_of
from cnnstudio.formats.source.torch.tensors import Tensor
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.formats.source.torch.tree import name_weights, refuse_spoiled, walk

_BATCH = re.compile(r"^(?:\w*_)?(?:batch_?(?:size|sz|dim)?|bs|mb_size)$", re.IGNORECASE)


def inputs_of(core: Objects, root: Any) -> list[str]:
    """The names of the tensors that a network takes: the arguments of its forward without a default."""
    if not isinstance(root, Instance):
        return ["input"]
    try:
        forward = core.attribute(root, "forward")
    except (NotFollowed, Raised):
        return ["input"]
    function = forward.function if isinstance(forward, Bound) else None
    if not isinstance(function, Function):
        return ["input"]
    names = [item.arg for item in function.code.args.args[1:]]
    wanted = names[: max(1, len(names) - len(function.defaults))] or ["input"]
    parts = _taken_apart(function.code, wanted[0]) if len(wanted) == 1 else 0
    return [f"{wanted[0]}{place or ''}" for place in range(parts)] if parts else wanted


def _taken_apart(code: ast.FunctionDef | ast.Lambda, name: str) -> int:
    """The number of tensors in an argument that `forward` takes apart, as in `x1, x2 = x`; 0 for another one."""
    for statement in code.body if isinstance(code, ast.FunctionDef) else []:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name) and statement.value.id == name:
            target = statement.targets[0]
            return len(target.elts) if isinstance(target, ast.Tuple) else 0
    return 0


def _is_grouped(core: Objects, root: Any) -> bool:
    names = inputs_of(core, root)
    return len(names) > 1 and names[1] == f"{names[0]}1"


def takes_steps_first(root: Any) -> bool:
    """True if a layer of a network takes the steps of a sequence before its batch."""
    modules = (getattr(module, "state", None) or module for _, module in walk(root))
    return any(isinstance(module, Layer) and module.given.get("batch_first") is False for module in modules)


def follow(core: Objects, torch: TorchModules, root: Any, sizes: list[Size], *, is_turned: bool = False) -> Trace:
    """A pass of an input through a network; `is_turned` puts the steps of each input before its batch.

    Raises NotFollowed, with the line, if it cannot be followed.
    """
    modules = list(walk(root))
    for _, module in modules:
        refuse_spoiled(module)
    name_weights(modules)
    trace = Trace(sizes, {id(module): path for path, module in modules})
    trace.batches = frozenset(_batches_of(core, root))
    torch.trace = trace
    core.budget = Budget()
    core.line = root.line
    try:
        tensors = [Tensor(trace, name) for name in trace.inputs]
        given: list[Any] = [_turned(item) for item in tensors] if is_turned else tensors
        result = core.call(root, [tuple(given)] if _is_grouped(core, root) else given, {})
        found, lost = _tensors(result)
        if not found:
            raise NotFollowed(f"gives no tensor that is followed{f': {lost[0].why}' if lost else ''}.")
        if lost:
            trace.draft.notes.append(f"The network also gives {lost[0].why}, which is not in the design.")
        trace.graph.outputs = [tensor.name for tensor in found]
        trace.tracer.end()
    except Raised as error:
        refusal = NotFollowed(error.sentence, error.line or core.line)
        refusal.reached = len(trace.graph.operations)
        raise refusal from None
    except NotFollowed as error:
        error.line = error.line or core.line
        error.reached = len(trace.graph.operations)
        raise
    except RecursionError:
        raise NotFollowed("calls its functions too deeply, and so deep is not followed.") from None
    finally:
        torch.trace = None
    _freeze(trace)
    return trace


def _batches_of(core: Objects, root: Any) -> Iterator[int]:
    """The numbers that a script calls the size of its batches, in variables, settings and attributes of its network."""
    names = core.scope.names if isinstance(core, Program) else {}
    spaces = [value.attributes for value in names.values() if isinstance(value, Namespace) and value.is_open]
    own = root.attributes if isinstance(root, Instance) else {}
    for space in (names, *spaces, own):
        for name, value in space.items():
            if type(value) is int and value > 0 and _BATCH.match(str(name)):
                yield value


def _turned(tensor: Tensor) -> Any:
    """A tensor with its second axis before its batch."""
    return tensor.trace_call("transpose", [tensor, 0, 1], {}) if len(tensor.sizes) > 1 else tensor


def _tensors(value: Any, depth: int = 0) -> tuple[list[Tensor], list[Unknown]]:
    if isinstance(value, Tensor):
        return [value], []
    if isinstance(value, Unknown):
        return [], [value]
    parts: list[Any] = []
    if depth < 10:
        if isinstance(value, dict):
            parts = list(value.values())
        elif isinstance(value, Namespace):
            parts = list(value.attributes.values())
        elif isinstance(value, (list, tuple)):
            parts = list(value)
        elif isinstance(value, Distribution):
            parts = list(value.parts)
    found = [_tensors(part, depth + 1) for part in parts]
    return [item for tensors, _ in found for item in tensors], [item for _, lost in found for item in lost]


def _freeze(trace: Trace) -> None:
    """Marks the layers none of whose weights are trained."""
    frozen: dict[int, bool] = {}
    for array, _ in trace.held.values():
        owner = trace.tracer.owners.get(array.origin)
        if owner is not None and array.is_learned:
            frozen[owner[0]] = frozen.get(owner[0], True) and not array.requires_grad
    for step, is_frozen in frozen.items():
        layer = trace.draft.steps[step].layer
        if is_frozen and layer is not None and hasattr(layer, "trainable"):
            trace.draft.steps[step].layer = structs.replace(layer, trainable=False)


def unused(trace: Trace, root: Any) -> tuple[list[str], int]:
    """The modules with weights that are made and never used, and the number of their parameters."""
    names: list[str] = []
    total = 0
    held = set(trace.held)
    corrected = {key for key, _ in trace.corrected}
    for path, module in walk(root):
        if id(module) in corrected or isinstance(module, Container):
            continue
        own = [array for _, array in parameters_of(module, True) if id(array) not in held]
        direct = [array for array in own if array.origin.rpartition(".")[0] == ".".join(path)]
        if direct and id(module) not in trace.used:
            names.append(".".join(path))
            total += sum(array.size for array in direct)
    return names, total
