"""einops and einsum: tensors whose axes have names, as reshapes, permutations and products."""

from __future__ import annotations

import re
from math import prod
from typing import Any

from msgspec import Struct

from cnnstudio.formats.source.language.core import Core
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.tensors import Tensor
from cnnstudio.formats.source.torch.tree import Module

Group = tuple[str, ...]
_TOKENS = re.compile(r"\(|\)|\.\.\.|…|\w+")
_REDUCTIONS = {"mean": "mean", "sum": "sum", "max": "amax", "min": "amin"}
MAX_AXES = 16


class _Pattern(Struct, frozen=True):
    """Both sides of a pattern as groups of names, each of which is one axis of the tensor."""

    left: tuple[Group, ...]
    right: tuple[Group, ...]


def _side(text: str, rank: int) -> tuple[Group, ...]:
    """The groups of one side; `...` stands for as many axes as `rank`. Raises NotFollowed for other signs."""
    groups: list[Group] = []
    inner: list[str] | None = None
    for token in _TOKENS.findall(text):
        names = [f"...{place}" for place in range(rank)] if token in ("...", "…") else [token]
        if token == "(":
            inner = []
        elif token == ")":
            groups.append(tuple(inner or ()))
            inner = None
        elif inner is not None:
            inner += [name for name in names if name != "1"]
        else:
            groups += [() if name == "1" else (name,) for name in names]
    return tuple(groups)


def _pattern(text: Any, rank: int) -> _Pattern:
    if not isinstance(text, str) or text.count("->") != 1 or len(text) > 500:
        raise NotFollowed("calls einops with a pattern that is not known.")
    left, right = text.split("->")
    rest = rank - len(_side(left, 0)) if "..." in left or "…" in left else 0
    found = _Pattern(_side(left, max(rest, 0)), _side(right, max(rest, 0)))
    if len(found.left) != rank:
        raise NotFollowed(f"calls einops with '{text}' for a tensor of {rank} axes.")
    return found


def _sizes(pattern: _Pattern, shape: list[int], given: dict[str, Any]) -> dict[str, int]:
    """The size of each name. Raises NotFollowed where they do not follow from the shape."""
    known: dict[str, int] = {}
    for name, value in given.items():
        if isinstance(value, Unknown):
            raise NotFollowed(f"calls einops with a size that is not known: {value.asking}.")
        if type(value) is not int:
            raise NotFollowed(f"calls einops with {name}={value}, which is no whole number.")
        known[name] = value
    for group, size in zip(pattern.left, shape, strict=True):
        open_names = [name for name in group if name not in known]
        rest = prod(known[name] for name in group if name in known)
        if len(open_names) > 1 or not rest or size % rest or (not open_names and rest != size):
            raise NotFollowed(f"takes an axis of {size} apart into {' and '.join(group) or '1'}, which does not fit.")
        known.update(dict.fromkeys(open_names, size // rest))
    return known


def _of(core: Core, value: Any, method: str, *given: Any) -> Any:
    return core.call(core.attribute(value, method), list(given), {})


def _shape(value: Any) -> list[int]:
    if not isinstance(value, (Tensor, Array)):
        why = f": {value.why}" if isinstance(value, Unknown) else ""
        raise NotFollowed(f"calls einops without a tensor{why}.")
    return list(value.sizes if isinstance(value, Tensor) else value.shape)


def _reshaped(core: Core, value: Any, sizes: list[int]) -> Any:
    return value if _shape(value) == sizes else _of(core, value, "reshape", *sizes)


def _ordered(core: Core, value: Any, order: list[int]) -> Any:
    return value if order == sorted(order) else _of(core, value, "permute", *order)


def arranged(core: Core, value: Any, text: Any, given: dict[str, Any], reduction: Any = None) -> Any:
    """A tensor by a pattern of einops: its axes taken apart, in another order, put together, reduced or repeated."""
    if isinstance(value, (list, tuple)):
        value = core.call(core.foreign("torch.stack"), [list(value), 0], {})
    shape = _shape(value)
    pattern = _pattern(text, len(shape))
    sizes = _sizes(pattern, shape, given)
    have = [name for group in pattern.left for name in group]
    want = [name for group in pattern.right for name in group]
    if len(set(have)) != len(have) or len(set(want)) != len(want) or max(len(have), len(want)) > MAX_AXES:
        raise NotFollowed(f"calls einops with '{text}', which names an axis twice.")
    value = _reshaped(core, value, [sizes[name] for name in have])
    gone = [place for place, name in enumerate(have) if name not in want]
    if gone and (reduction is None and any(sizes[have[place]] != 1 for place in gone)):
        raise NotFollowed(f"calls einops with '{text}', which loses an axis.")
    if gone and reduction is not None:
        if reduction not in _REDUCTIONS:
            raise NotFollowed(f"reduces by '{reduction}', which is not read.")
        value = _of(core, value, _REDUCTIONS[reduction], gone)
    kept = [name for name in have if name in want]
    if reduction is None:
        value = _reshaped(core, value, [sizes[name] for name in kept])
    value = _ordered(core, value, [kept.index(name) for name in want if name in kept])
    if len(kept) < len(want):
        value = _repeated(core, value, want, kept, sizes)
    return _reshaped(core, value, [prod(sizes[name] for name in group) for group in pattern.right])


def _repeated(core: Core, value: Any, want: list[str], kept: list[str], sizes: dict[str, int]) -> Any:
    lost = next((name for name in want if name not in sizes), "")
    if lost:
        raise NotFollowed(f"repeats a tensor along '{lost}', whose size it does not say.")
    value = _reshaped(core, value, [sizes[name] if name in kept else 1 for name in want])
    return _of(core, value, "expand", *(sizes[name] for name in want))


class Arrange(Module):
    """`Rearrange` and `Reduce`, the layers of einops."""

    def __init__(self, kind: str, host: Any, given: list[Any], named: dict[str, Any]) -> None:
        super().__init__(kind, host.core.line, host)
        names = ("pattern", "reduction") if self.title == "Reduce" else ("pattern",)
        values = {**dict(zip(names, given, strict=False)), **named}
        self.pattern, self.reduction = values.pop("pattern", None), values.pop("reduction", None)
        self.sizes = values

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows a call."""
        if self.host.trace is None or not given or not isinstance(given[0], Tensor):
            return Unknown(f"what {self.title} gives")
        self.host.trace.used.add(id(self))
        return arranged(self.host.core, given[0], self.pattern, self.sizes, self.reduction)


def made(host: Any, name: str, given: list[Any], named: dict[str, Any]) -> Any:
    """The result of a name of einops; Unknown for one that is not known."""
    bare = name.rpartition(".")[2]
    if name.startswith("einops.layers.") and bare in ("Rearrange", "Reduce"):
        return Arrange(name, host, given, named)
    if bare in ("pack", "unpack") and len(given) > 1:
        return (_packed if bare == "pack" else _unpacked)(host.core, given)
    if bare not in ("rearrange", "reduce", "repeat") or len(given) < 2:
        return Unknown(f"what {name} gives")
    if isinstance(given[0], Unknown):
        return given[0].part
    sizes = dict(named)
    reduction = sizes.pop("reduction", given[2] if len(given) > 2 else None) if bare == "reduce" else None
    return arranged(host.core, given[0], given[1], sizes, reduction)


def _star(text: Any) -> int:
    """The place of `*` in a pattern of pack."""
    names = text.split() if isinstance(text, str) else []
    if names.count("*") != 1:
        raise NotFollowed("calls pack of einops with a pattern that is not known.")
    return names.index("*")


def _packed(core: Core, given: list[Any]) -> Any:
    """Tensors side by side, and the sizes along the axes that each puts together."""
    place, tensors = _star(given[1]), list(core.items(given[0]))
    rest = len(str(given[1]).split()) - 1 - place
    shapes, parts = [], []
    for tensor in tensors:
        sizes = _shape(tensor)
        inner = tuple(sizes[place : len(sizes) - rest])
        shapes.append(inner)
        parts.append(_reshaped(core, tensor, [*sizes[:place], prod(inner), *sizes[len(sizes) - rest :]]))
    joined = parts[0] if len(parts) == 1 else core.call(core.foreign("torch.cat"), [parts, place], {})
    return joined, shapes


def _unpacked(core: Core, given: list[Any]) -> Any:
    """The tensors that pack put side by side."""
    tensor, shapes = given[0], given[1]
    if isinstance(tensor, Unknown):
        return tensor.part
    place, sizes = _star(given[2] if len(given) > 2 else None), _shape(tensor)
    if not isinstance(shapes, list) or not all(isinstance(shape, (list, tuple)) for shape in shapes):
        raise NotFollowed("calls unpack of einops with shapes that are not known.")
    lengths = [prod(shape) for shape in shapes]
    parts = [tensor] if len(shapes) == 1 else list(core.items(_of(core, tensor, "split", lengths, place)))
    return [
        _reshaped(core, part, [*sizes[:place], *shape, *sizes[place + 1 :]])
        for part, shape in zip(parts, shapes, strict=True)
    ]


# einsum


def einsum(core: Core, given: list[Any]) -> Any:
    """einsum of one or two tensors, as a product of matrices. Raises NotFollowed for more."""
    text, *tensors = given
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = list(tensors[0])
    lost = next((item for item in tensors if isinstance(item, Unknown)), None)
    if lost is not None:
        return lost.part
    spaced = text.replace(" ", "") if isinstance(text, str) else ""
    if "->" not in spaced or "." in spaced or len(tensors) != 2 or spaced.count(",") != 1:
        raise NotFollowed(f"calls einsum with '{text}', which is not read.")
    inputs, output = spaced.split("->")
    left, right = inputs.split(",")
    shapes = [_shape(item) for item in tensors]
    pairs = zip((left, right), shapes, strict=True)
    if any(len(names) != len(shape) or len(set(names)) != len(names) for names, shape in pairs):
        raise NotFollowed(f"calls einsum with '{text}' for tensors of other axes.")
    sizes = dict(zip(left + right, shapes[0] + shapes[1], strict=True))
    both = [name for name in left if name in right]
    batch, summed = [name for name in both if name in output], [name for name in both if name not in output]
    rows = [name for name in left if name not in right]
    columns = [name for name in right if name not in left]
    if not summed and set(left + right) == set(output) and len(set(output)) == len(output):
        return _multiplied(core, tensors, (left, right), output, sizes)
    if not summed or set(batch + rows + columns) != set(output):
        raise NotFollowed(f"calls einsum with '{text}', which is not read.")
    if (not rows or not columns) and len(batch) == 1:
        raise NotFollowed(f"calls einsum with '{text}', which is not read.")
    first = _joined(core, tensors[0], left, [batch, rows, summed], sizes)
    second = _joined(core, tensors[1], right, [batch, summed, columns], sizes)
    product = core.call(core.foreign("torch.matmul"), [first, second], {})
    names = batch + rows + columns
    product = _reshaped(core, product, [sizes[name] for name in names])
    return _ordered(core, product, [names.index(name) for name in output])


def _multiplied(core: Core, tensors: list[Any], names: tuple[str, str], output: str, sizes: dict[str, int]) -> Any:
    """A product element by element, each tensor as wide as the other along the axes that it lacks."""
    wide = []
    for tensor, own in zip(tensors, names, strict=True):
        ordered = _ordered(core, tensor, [own.index(name) for name in output if name in own])
        wide.append(_reshaped(core, ordered, [sizes[name] if name in own else 1 for name in output]))
    return core.call(core.foreign("torch.mul"), wide, {})


def _joined(core: Core, value: Any, names: str, groups: list[list[str]], sizes: dict[str, int]) -> Any:
    """A tensor with its axes in the order of groups, the last two of which are one axis each."""
    order = [names.index(name) for group in groups for name in group]
    value = _ordered(core, value, order)
    *batch, first, second = groups
    shape = [sizes[name] for group in batch for name in group]
    return _reshaped(core, value, [*shape, *(prod(sizes[name] for name in group) for group in (first, second))])
