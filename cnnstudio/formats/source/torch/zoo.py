"""Networks of torchvision by name, whose heads people replace: the built-in design as modules of the same names."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay
from cnnstudio.formats.foreign.tracing.values import View, normal_axes
from cnnstudio.formats.source.language.values import NotFollowed, Unknown
from cnnstudio.formats.source.torch import layers
from cnnstudio.formats.source.torch.arrays import Array
from cnnstudio.formats.source.torch.tensors import Tensor, operate
from cnnstudio.formats.source.torch.tree import Module
from cnnstudio.formats.source.zoo import TORCHVISION, ZooRow, body_of, head_of, rows_of, units_in


class ZooPart(Module):
    """A run of layers of a built-in design; `own` stands for all of its weights."""

    def __init__(self, host: Any, title: str, rows: tuple[ZooRow, ...], first: int, last: int) -> None:
        super().__init__(f"torchvision.models.{title}", host.core.line, host)
        self.rows, self.first, self.last = rows, first, last
        total = sum(row.parameters for row in rows[first:last])
        if total:
            self.own = {"weight": Array((total,), is_learned=True)}

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows its layers. Raises NotFollowed if they do not fit."""
        trace = self.host.trace
        if trace is None or not given or not isinstance(given[0], Tensor):
            return Unknown("what a part of a network gives")
        trace.used.add(id(self))
        for array in self.own.values():
            trace.constant(array)
        return self._followed(trace, given[0])

    def _followed(self, trace: Any, source: Tensor) -> Tensor:
        tracer, draft = trace.tracer, trace.draft
        path = trace.paths.get(id(self), trace.path)
        operation = Operation("ZooPart", (source.name,), (f"%{trace.made + 1}.0",), {}, (*path, "part"))
        trace.made += 1
        try:
            start = tracer.normal(tracer.view(operation), operation.path)
            steps: dict[int, int] = {}
            is_frozen = any(not array.requires_grad for array in self.own.values())
            is_part = self.last < len(self.rows) or self.first > 0
            for place in range(self.first, self.last):
                row = self.rows[place]
                layer = row.layer
                if is_frozen and hasattr(layer, "trainable") and row.parameters:
                    layer = structs.replace(layer, trainable=False)
                if is_part and layer.type_name == "GlobalAvgPool" and place == self.last - 1 and self._keeps():
                    layer = structs.replace(layer, keepdims=True)
                inner = row.path[1:] if len(path) and path[-1] == row.path[0] else row.path
                sources = tuple(steps.get(index, start) for index in row.inputs)
                steps[place] = draft.add(layer, (*path, *inner), sources)
        except (CannotSay, NotUnderstood) as refusal:
            raise NotFollowed(str(refusal).partition(": ")[2] or f"{self.title} takes another tensor.") from None
        made = steps[self.last - 1] if steps else start
        tracer.set(operation, View(made, normal_axes(draft.steps[made].shape)))
        return Tensor(trace, operation.outputs[0])

    def _keeps(self) -> bool:
        """True for a pooling that is called by itself, which keeps the axes in PyTorch."""
        return self.last - self.first == 1


class Zoo(Module):
    """A whole network: `inner` has its parts and its head under the names that torchvision gives them."""

    def call(self, given: list[Any], named: dict[str, Any]) -> Any:
        """Follows its parts one after the other, flattened before the head."""
        trace = self.host.trace
        if trace is None:
            return self.host.call_module(self, given, named)
        if not given or not isinstance(given[0], Tensor):
            raise NotFollowed(f"{self.title} takes what is no tensor of the network.")
        value: Any = given[0]
        *parts, head = self.inner.values()
        for part in parts:
            value = self.host.core.call(part, [value], {})
        if isinstance(value, Tensor) and len(value.sizes) > 2:
            value = operate(trace, "flatten", [value, 1], {})
        return self.host.core.call(head, [value], {})


def make(host: Any, bare: str, named: dict[str, Any]) -> Any:
    """A network of torchvision by its function's name; Unknown for one that no built-in design equals."""
    stem = TORCHVISION.get(bare)
    if stem is None:
        return Unknown(f"torchvision's {bare}, which no built-in design equals")
    classes = named.get("num_classes", 1000)
    if type(classes) is not int:
        raise NotFollowed(f"{bare} takes num_classes, which is not known; give --set num_classes=...")
    rows = rows_of(stem)
    made = Zoo(f"torchvision.models.{bare}", host.core.line, host)
    end, head = body_of(rows), head_of(rows)
    made.inner["features"] = ZooPart(host, "features", rows, 0, end)
    if head > end:
        made.inner["avgpool"] = ZooPart(host, "avgpool", rows, end, head)
    name = "head" if bare.startswith("swin") else "fc"
    made.inner[name] = layers.make("torch.nn.Linear", host, [units_in(rows)[-1][0], classes], {})
    host.made.append(made)
    return made
