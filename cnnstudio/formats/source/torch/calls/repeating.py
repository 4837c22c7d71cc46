"""Functions that repeat a tensor, and that put back what a maximum pooling took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnstudio.formats.foreign.torch.building import Ref
from cnnstudio.formats.foreign.torch.operators import OPERATORS
from cnnstudio.formats.foreign.tracing.values import View
from cnnstudio.formats.source.language.values import Native, NotFollowed, Thing, Unknown
from cnnstudio.formats.source.torch.calls.adding import add_layer, bound, tensor_of
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.trace import Trace
from cnnstudio.layers.patches.pools import MaxUnpool

MAX_REPEATED = 64


class Places(Thing):
    """The places of the maxima of a pooling, with the map that was pooled."""

    title = "the places of maxima"

    def __init__(self, pooled: Tensor, places: Tensor) -> None:
        self.pooled = pooled
        self.places = places

    @property
    def tensor(self) -> Tensor:
        """The tensor that an unpooling takes: the places, or the map where a pool did not become one layer."""
        trace = self.places.trace
        view = trace.tracer.values.get(self.places.name)
        return self.places if isinstance(view, View) and trace.draft.steps[view.step].shape.within else self.pooled

    def attribute(self, name: str) -> Any:
        """The places themselves, wherever they are kept."""
        if name in ("size", "shape"):
            return self.places.attribute(name)
        if name in ("cuda", "cpu", "to", "clone", "detach", "long"):
            return Native(name, lambda _given, _named: self)
        return super().attribute(name)


def repeated(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """repeat and tile: along axes of size 1 an expansion, along another one copies beside each other."""
    source = tensor_of(given, "repeat")
    times = given[1] if len(given) > 1 and isinstance(given[1], (list, tuple)) else given[1:]
    times = list(named.get("repeats", named.get("dims", times)))
    lost = next((item for item in times if isinstance(item, Unknown)), None)
    if lost is not None or not all(type(item) is int and item > 0 for item in times):
        return Unknown(f"what repeat gives in line {trace.line}: it is not known how often")
    while len(times) > len(source.sizes):
        source = source.trace_call("unsqueeze", [source, 0], {})
    times = [1] * (len(source.sizes) - len(times)) + times
    made: Any = source
    wide = [size * count if size == 1 else size for size, count in zip(source.sizes, times, strict=True)]
    if wide != source.sizes:
        made = source.method("expand", [wide], {})
    for axis, (size, count) in enumerate(zip(source.sizes, times, strict=True)):
        if size != 1 and count > 1:
            if count > MAX_REPEATED or not axis:
                raise NotFollowed(f"repeats a tensor {count} times along axis {axis}, which is not read.")
            made = operate(trace, "cat", [[made] * count, axis], {})
    return made


def with_places(trace: Trace, name: str, source: Tensor, values: dict[str, Any]) -> tuple[Tensor, Places]:
    """A pool by its name and arguments, and the places of its maxima."""
    known = {key: value for key, value in values.items() if key in OPERATORS[name][0].split() and value is not None}
    made, places = (Tensor(trace, each) for each in trace.operator(name, {**known, "self": Ref(source.name)}, 2))
    return made, Places(source, places)


def binned(rank: int) -> Any:
    """adaptive_max_pool, with the places of the maxima if they are asked for."""
    name = f"adaptive_max_pool{rank}d"

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        values = bound("input output_size return_indices", given, named)
        source = tensor_of([values.get("input")], name)
        if values.pop("return_indices", False) is True:
            return with_places(trace, name, source, values)
        return operate(trace, name, [source, values.get("output_size")], {})

    return made


def pooled_with_places(rank: int) -> Any:
    """max_pool with the places of the maxima, if they are asked for."""
    name = f"max_pool{rank}d"

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        source = tensor_of([*given, named.pop("input", None)], "max_pool")
        if len(source.sizes) == rank + 1:
            # Without channels PyTorch takes the first axis for them.
            wide = source.trace_call("unsqueeze", [source, 1], {})
            return operate(trace, "squeeze", [made(trace, [wide, *given[1:]], named), 1], {})
        is_wanted = named.pop("return_indices", given[6] if len(given) > 6 else False) is True
        if not is_wanted:
            return operate(trace, name, [source, *given[1:6]], named)
        return with_places(trace, name, source, bound(OPERATORS[name][0], [source, *given[1:6]], named))

    return made


def averaged(rank: int) -> Any:
    """avg_pool; of a tensor without channels as well."""

    def made(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
        source = tensor_of([*given, named.pop("input", None)], "avg_pool")
        if len(source.sizes) != rank + 1:
            return operate(trace, f"avg_pool{rank}d", [source, *given[1:]], named)
        wide = source.trace_call("unsqueeze", [source, 1], {})
        return operate(trace, "squeeze", [operate(trace, f"avg_pool{rank}d", [wide, *given[1:]], named), 1], {})

    return made


def unpooled(trace: Trace, given: list[Any], named: dict[str, Any]) -> Any:
    """max_unpool: into the map from which the places come."""
    values = bound("input indices kernel_size stride padding output_size", given, named)
    source, places, padding = (
        tensor_of([values.get("input")], "max_unpool"),
        values.get("indices"),
        values.get("padding"),
    )
    if not isinstance(places, Places):
        raise NotFollowed("max_unpool is called without the places that a max pooling gives, which is not read.")
    size, stride = values["kernel_size"], values.get("stride")
    given_sizes = (size, size if stride is None else stride, padding or 0)
    pair = [tuple(item) if isinstance(item, list) else item for item in given_sizes]
    layer = MaxUnpool(pool_size=pair[0], stride=None if pair[0] == pair[1] else pair[1])
    made = add_layer(trace, layer, source, "max_unpool", places.tensor)
    steps: list[Any] = [(item,) * (len(source.sizes) - 2) if isinstance(item, int) else item for item in pair]
    rows = zip(source.sizes[2:], *steps, strict=True)
    if (
        values.get("output_size") is None
        and [(have - 1) * step + width - 2 * pad for have, width, step, pad in rows] != made.sizes[2:]
    ):
        raise NotFollowed("max_unpool gives another size than the map had that was pooled; give it output_size.")
    return made


REPEATING: dict[str, Callable[[Trace, list[Any], dict[str, Any]], Any]] = {
    "repeat": repeated,
    "tile": repeated,
    **{f"max_pool{rank}d": pooled_with_places(rank) for rank in (1, 2, 3)},
    **{f"adaptive_max_pool{rank}d": binned(rank) for rank in (1, 2, 3)},
    **{f"avg_pool{rank}d": averaged(rank) for rank in (1, 2, 3)},
    **{f"max_unpool{rank}d": unpooled for rank in (1, 2, 3)},
}
"""By name."""
