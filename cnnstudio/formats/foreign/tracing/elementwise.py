"""Functions of every element, and arithmetic of tensors with each other and with constants."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, Step
from cnnstudio.formats.foreign.tracing.attention.rules import learned_with, scaled, softmaxed
from cnnstudio.formats.foreign.tracing.constants import broadcast
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Constant, View
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import PReLU
from cnnstudio.layers.normalization import Rescaling, Scale

FUNCTIONS = {
    "Relu": "relu",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "HardSwish": "hard_swish",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Mish": "mish",
    "Swish": "silu",
    "Silu": "silu",
    "Relu6": "relu6",
    "LogSigmoid": "log_sigmoid",
    "HardTanh": "hard_tanh",
    "Exp": "exponential",
}
PRIMITIVES = (
    *("Erf", "Sqrt", "Pow", "Neg", "Abs", "Reciprocal", "Log", "Floor", "Ceil", "Round", "Sign", "Sin", "Cos"),
    *("ThresholdedRelu", "Shrink", "Not", "IsNaN", "Trunc", "Square"),
)
MERGES = {"Add": "Add", "Sub": "Subtract", "Mul": "Multiply", "Max": "Maximum", "Min": "Minimum", "Mean": "Average"}


def function(name: str, **constants: Any) -> Layer:
    """An Activation layer."""
    return LAYER_TYPES["Activation"](**{"function": name, **constants})


def activate(tracer: Tracer, operation: Operation) -> None:
    """A function that a design has a word for."""
    tracer.same_axes(operation, tracer.view(operation), function(FUNCTIONS[operation.kind]))


def primitive(tracer: Tracer, operation: Operation, **constants: Any) -> None:
    """A function that is a layer only together with others."""
    view = tracer.view(operation)
    shape = tracer.draft.steps[view.step].shape
    step = tracer.draft.primitive(operation.kind, operation.path, (view.step,), shape, **constants)
    tracer.set(operation, View(step, view.axes))


def power(tracer: Tracer, operation: Operation) -> None:
    """A power, with its exponent if that is a number."""
    exponent = tracer.given(operation, 1)
    if not isinstance(exponent, Constant) or exponent.size != 1:
        raise CannotSay
    primitive(tracer, operation, exponent=exponent.scalar)


def leaky_relu(tracer: Tracer, operation: Operation) -> None:
    """LeakyRelu with its slope."""
    slope = float(operation.attributes.get("alpha", 0.01))
    tracer.same_axes(operation, tracer.view(operation), function("leaky_relu", slope=_short(slope)))


def elu(tracer: Tracer, operation: Operation) -> None:
    """Elu and Celu with their constant."""
    alpha = float(operation.attributes.get("alpha", 1.0))
    name = operation.kind.lower()
    tracer.same_axes(operation, tracer.view(operation), function(name, alpha=_short(alpha)))


def gelu(tracer: Tracer, operation: Operation) -> None:
    """Gelu, exact or by its tanh formula."""
    approximate = operation.attributes.get("approximate", "none") == "tanh"
    tracer.same_axes(operation, tracer.view(operation), function("gelu", approximate=approximate))


def hard_sigmoid(tracer: Tracer, operation: Operation) -> None:
    """HardSigmoid: by PyTorch's and Keras 3's slope of 1/6 a function with a name; with another one a placeholder."""
    # ONNX's own default, 0.2, is Keras 2's function; PyTorch's hardsigmoid and Keras 3's has 1/6.
    alpha = float(operation.attributes.get("alpha", 0.2))
    if abs(alpha - 1 / 6) > 1e-3 or abs(float(operation.attributes.get("beta", 0.5)) - 0.5) > 1e-6:
        primitive(tracer, operation)
        return
    tracer.same_axes(operation, tracer.view(operation), function("hard_sigmoid"))


_CLIPS: dict[tuple[float | None, float | None], str] = {
    (0.0, 6.0): "relu6",
    (0.0, None): "relu",
    (-1.0, 1.0): "hard_tanh",
}


def clip(tracer: Tracer, operation: Operation) -> None:
    """Clip between two bounds, which are attributes or inputs."""
    view = tracer.view(operation)
    low, high = (_bound(tracer, operation, index, key) for index, key in ((1, "min"), (2, "max")))
    name = _CLIPS.get((low, high))
    if name is not None:
        tracer.same_axes(operation, view, function(name))
    else:
        primitive(tracer, operation, low=low, high=high)


def _bound(tracer: Tracer, operation: Operation, index: int, attribute: str) -> float | None:
    value = operation.attributes.get(attribute)
    if value is None:
        constant = tracer.constant(operation, index)
        if constant is None:
            return None
        if constant.scalar is None:
            raise CannotSay
        value = constant.scalar
    # The largest float stands for no bound: it was the default of the attributes before opset 11.
    return None if abs(float(value)) > 1e30 else float(value)


def softmax(tracer: Tracer, operation: Operation) -> None:
    """Softmax and LogSoftmax along an axis; of several that are taken as one, a placeholder."""
    if operation.kind == "Softmax" and softmaxed(tracer, operation):
        return
    view = tracer.view(operation)
    axis = int(operation.attributes.get("axis", -1))
    name = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}[operation.kind]
    place = view.axes[axis] if -len(view.axes) <= axis < len(view.axes) else None
    rest = [other for other in view.axes[axis:] if other not in (ONE, BATCH)] if axis >= 0 else []
    is_flattened = place == 0 and rest and tracer.draft.steps[view.step].shape.positions == 1
    if place == 0 or is_flattened:
        tracer.same_axes(operation, view, function(name))
    elif isinstance(place, int) and place > 0:
        tracer.same_axes(operation, view, function(name, axis=place))
    else:
        primitive(tracer, operation)


def prelu(tracer: Tracer, operation: Operation) -> None:
    """PRelu: one slope, one a channel, or one an element."""
    view, slope = tracer.view(operation), tracer.constant(operation, 1)
    if slope is None:
        raise CannotSay
    shape = tracer.draft.steps[view.step].shape
    channels = _channel_vector(tracer, view, slope) or slope.shape == (shape.channels,)
    kinds: dict[bool, Any] = {slope.size == 1: "layer", slope.size == shape.elements: "element"}
    kind: Any = "channel" if channels and slope.size > 1 else kinds.get(True)
    if kind is None:
        raise CannotSay
    tracer.same_axes(operation, view, PReLU(coefficients=kind), Numbers(slope.numbers))


def arithmetic(tracer: Tracer, operation: Operation) -> None:
    """Add, Sub, Mul, Div, Max and Min of two operands."""
    # Max, Min and Sum take any number of operands.
    if len(operation.inputs) != 2:
        join(tracer, operation)
        return
    if scaled(tracer, operation):
        return
    left, right = tracer.given(operation, 0), tracer.given(operation, 1)
    if isinstance(left, View) and isinstance(right, Constant) and operation.attributes.get("broadcast"):
        right = _from_axis(right, len(left.axes), operation.attributes.get("axis"))
    if isinstance(left, View) and isinstance(right, Constant):
        with_constant(tracer, operation, left, right, is_first=True)
    elif isinstance(left, Constant) and isinstance(right, View):
        with_constant(tracer, operation, right, left, is_first=False)
    else:
        join(tracer, operation)


def _from_axis(constant: Constant, rank: int, axis: Any) -> Constant:
    """A constant as today's broadcasting takes it; before opset 7 an axis said where it begins."""
    if not isinstance(axis, int) or axis < 0 or axis + len(constant.shape) > rank:
        return constant
    ones = (1,) * (rank - axis - len(constant.shape))
    return structs.replace(constant, shape=(*constant.shape, *ones))


def join(tracer: Tracer, operation: Operation) -> None:
    """Tensors joined element by element."""
    views = [tracer.view(operation, index) for index in range(len(operation.inputs))]
    if len(views) == 1:
        tracer.pass_on(operation)
        return
    name = {"Sum": "Add"}.get(operation.kind) or MERGES.get(operation.kind)
    sizes = broadcast(*(tracer.shape_of(view) for view in views))
    if len({view.axes for view in views}) == 1 and len({len(_shape(tracer, view)) for view in views}) == 1:
        steps = [view.step for view in views]
        axes = views[0].axes
    else:
        rank = len(sizes)
        wide = [View(view.step, (BATCH, *((ONE,) * (rank - len(view.axes))), *view.axes[1:])) for view in views]
        if any(view.axes[0] != BATCH for view in views) or any(
            len(view.axes) < rank and len(view.axes) > 1 and tracer.shape_of(view)[0] != 1 for view in views
        ):
            raise CannotSay
        # A merge spreads a vector over a map by itself.
        steps = [view.step if _is_spread(tracer, view, sizes) else tracer.normal(view, operation.path) for view in wide]
        axes = (BATCH, *range(rank - 1))
    if name is None:
        _divided(tracer, operation, steps, axes)
        return
    step = tracer.emit(operation, LAYER_TYPES[name](), *steps)
    tracer.set(operation, View(step, axes))


def _is_spread(tracer: Tracer, view: View, sizes: list[int]) -> bool:
    """True of a vector whose numbers are the channels of the map that it is joined with."""
    is_vector = not tracer.draft.steps[view.step].shape.rank and view.axes[:2] == (BATCH, 0)
    return is_vector and len(sizes) > 2 and max(sizes[2:]) > 1


def _divided(tracer: Tracer, operation: Operation, steps: list[int], axes: tuple[int, ...]) -> None:
    """A quotient of tensors, of which a pass may find the meaning."""
    shapes = [tracer.draft.steps[step].shape for step in steps]
    merged = tracer.draft.counted(LAYER_TYPES["Add"](), tuple(shapes), operation.path).output
    step = tracer.draft.primitive(operation.kind, operation.path, tuple(steps), merged)
    tracer.set(operation, View(step, axes))


def _shape(tracer: Tracer, view: View) -> list[int]:
    return tracer.draft.steps[view.step].shape.to_list()


def with_constant(tracer: Tracer, operation: Operation, view: View, constant: Constant, *, is_first: bool) -> None:
    """A tensor and a constant: a number rescales, a vector scales or shifts the channels."""
    if operation.kind in ("Max", "Min"):
        primitive_on(tracer, operation, view, value=constant.scalar)
    elif _is_single_bias(tracer, operation, view, constant):
        _shift(tracer, operation, view, Numbers(constant.numbers))
    elif constant.size == 1 and len(constant.shape) <= len(view.axes) and not constant.learned + constant.stored:
        _by_number(tracer, operation, view, constant, is_first=is_first)
    elif constant.size == 1 and constant.learned and operation.kind == "Mul" and len(constant.shape) <= len(view.axes):
        tracer.same_axes(operation, view, Scale(factors="layer"), Numbers(constant.numbers))
    elif constant.is_learned is False:
        primitive_on(tracer, operation, view)
        tracer.draft.steps[-1].numbers = Numbers(0, constant.stored)
    elif _channel_vector(tracer, view, constant):
        numbers = Numbers(constant.numbers)
        if operation.kind in ("Mul", "Div") and is_first | (operation.kind == "Mul"):
            tracer.same_axes(operation, view, Scale(), numbers)
        elif operation.kind == "Add" or (operation.kind == "Sub" and is_first):
            _shift(tracer, operation, view, numbers)
        else:
            raise CannotSay
    elif not learned_with(tracer, operation, view, constant):
        raise CannotSay


def _is_single_bias(tracer: Tracer, operation: Operation, view: View, constant: Constant) -> bool:
    """True if a vector of one number is added to the one channel of a layer without a bias.

    A number that an author adds to a tensor is no vector, and has no axes.
    """
    step = tracer.draft.steps[view.step]
    is_vector = constant.shape == (1,) and constant.is_learned is None and constant.is_float and constant.numbers == 1
    takes = step.shape.channels == 1 and view.axes[-1] == 0 and getattr(step.layer, "bias", True) is False
    return operation.kind == "Add" and is_vector and takes and step.numbers is not None


def primitive_on(tracer: Tracer, operation: Operation, view: View, **constants: Any) -> None:
    """An operation on one view that is a layer only together with others."""
    shape = tracer.draft.steps[view.step].shape
    step = tracer.draft.primitive(operation.kind, operation.path, (view.step,), shape, **constants)
    tracer.set(operation, View(step, view.axes))


def _shift(tracer: Tracer, operation: Operation, view: View, numbers: Numbers) -> None:
    """A learned shift of each channel, which a pass gives to the layer before it as its bias."""
    shape = tracer.draft.steps[view.step].shape
    step = tracer.draft.append(Step(None, operation.path, (view.step,), shape, "Shift", numbers))
    tracer.set(operation, View(step, view.axes))


def _by_number(tracer: Tracer, operation: Operation, view: View, constant: Constant, *, is_first: bool) -> None:
    value = constant.scalar
    if value is None:
        primitive_on(tracer, operation, view)
        return
    number = _short(float(value))
    layer: Layer | None = None
    if operation.kind == "Add":
        layer = Rescaling(offset=number)
    elif operation.kind == "Sub":
        layer = Rescaling(offset=-number) if is_first else Rescaling(scale=-1.0, offset=number)
    elif operation.kind == "Mul":
        layer = Rescaling(scale=number)
    elif operation.kind == "Div" and is_first and number:
        layer = Rescaling(scale=1 / number)
    if layer is None:
        primitive_on(tracer, operation, view, value=number)
    else:
        tracer.same_axes(operation, view, layer)


def _short(value: float) -> float:
    """A float32 as one would write it: 0.1 for 0.10000000149."""
    return float(f"{value:.7g}")


def _channel_vector(tracer: Tracer, view: View, constant: Constant) -> bool:
    """True if a constant has one number for each channel, and none for another axis."""
    if len(constant.shape) > len(view.axes):
        return False
    axes = view.axes[len(view.axes) - len(constant.shape) :]
    wide = [(axis, size) for axis, size in zip(axes, constant.shape, strict=True) if size != 1]
    channels = tracer.draft.steps[view.step].shape.channels
    if not wide:
        return channels == 1
    return len(wide) == 1 and wide[0] == (0, channels)


def identity(tracer: Tracer, operation: Operation) -> None:
    """Passes the input on."""
    tracer.pass_on(operation)


RULES: dict[str, Rule] = {
    **dict.fromkeys(FUNCTIONS, activate),
    **dict.fromkeys(PRIMITIVES, primitive),
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Max", "Min"), arithmetic),
    **dict.fromkeys(("Sum", "Mean"), join),
    **dict.fromkeys(("Identity", "Cast", "CastLike", "Detach"), identity),
    "Pow": power,
    "LeakyRelu": leaky_relu,
    "Elu": elu,
    "Celu": elu,
    "Gelu": gelu,
    "HardSigmoid": hard_sigmoid,
    "Clip": clip,
    "Softmax": softmax,
    "LogSoftmax": softmax,
    "PRelu": prelu,
}
