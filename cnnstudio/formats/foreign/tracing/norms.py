"""Normalization."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.foreign.draft import Numbers
from cnnstudio.formats.foreign.tracing.dense import channels_last
from cnnstudio.formats.foreign.tracing.graph import Operation
from cnnstudio.formats.foreign.tracing.tracer import CannotSay, Rule, Tracer
from cnnstudio.formats.foreign.tracing.values import BATCH, ONE, Constant
from cnnstudio.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm

Values = dict[str, Any]


def short(value: Any) -> float:
    """A float32 as one would write it: 1e-05 for 9.999999747e-06."""
    return float(f"{float(value):.6g}")


def _affine(scale: Constant | None, shift: Constant | None) -> Values:
    has_scale, has_shift = scale is not None, shift is not None
    return {
        "affine": has_scale or has_shift,
        # With neither, the layer has no affine part at all and these two stand at their defaults.
        "scale": has_scale or not has_shift,
        "center": has_shift or not has_scale,
    }


def _numbers(*constants: Constant | None) -> int:
    return sum(constant.numbers for constant in constants if constant is not None)


def _learned(tracer: Tracer, operation: Operation) -> tuple[Constant | None, Constant | None]:
    """Scale and shift; None for one that is left out, or that is fixed since the operation insists on it."""
    given = (tracer.constant(operation, 1), tracer.constant(operation, 2))
    scale, shift = (None if constant is None or constant.is_learned is False else constant for constant in given)
    return scale, shift


def batch_norm(tracer: Tracer, operation: Operation) -> None:
    """BatchNormalization: scale, shift, and the moving statistics."""
    scale, shift = _learned(tracer, operation)
    mean, variance = tracer.constant(operation, 3), tracer.constant(operation, 4)
    step = tracer.normal(tracer.view(operation), operation.path)
    channels = tracer.draft.steps[step].shape.channels
    if any(constant is not None and constant.size != channels for constant in (scale, shift, mean, variance)):
        raise CannotSay
    momentum = operation.attributes.get("momentum", 0.9)
    layer = BatchNorm(
        epsilon=short(operation.attributes.get("epsilon", 1e-5)),
        # ONNX and Keras weigh the old statistics, PyTorch and a design the new batch.
        momentum=short(1 - float(momentum)),
        track_statistics=mean is not None,
        **_affine(scale, shift),
    )
    tracer.emit(operation, layer, step, numbers=Numbers(_numbers(scale, shift), _numbers(mean, variance)))


def instance_norm(tracer: Tracer, operation: Operation) -> None:
    """InstanceNormalization, of PyTorch also without scale and shift and with statistics."""
    scale, shift = _learned(tracer, operation)
    mean, variance = tracer.constant(operation, 3), tracer.constant(operation, 4)
    step = tracer.normal(tracer.view(operation), operation.path)
    layer = InstanceNorm(
        epsilon=short(operation.attributes.get("epsilon", 1e-5)),
        track_statistics=mean is not None,
        **_affine(scale, shift),
    )
    made = tracer.emit(operation, layer, step, numbers=Numbers(_numbers(scale, shift), _numbers(mean, variance)))
    # Ones and zeros that torch writes around a GroupNorm: a pass sees by them that nothing is learned here.
    values = [constant.values for constant in (scale, shift) if constant is not None]
    tracer.draft.steps[made].constants = {"values": values}


def group_norm(tracer: Tracer, operation: Operation) -> None:
    """GroupNormalization."""
    scale, shift = _learned(tracer, operation)
    step = tracer.normal(tracer.view(operation), operation.path)
    layer = GroupNorm(
        groups=int(operation.attributes["num_groups"]),
        epsilon=short(operation.attributes.get("epsilon", 1e-5)),
        **_affine(scale, shift),
    )
    tracer.emit(operation, layer, step, numbers=Numbers(_numbers(scale, shift)))


def layer_norm(tracer: Tracer, operation: Operation) -> None:
    """LayerNormalization from an axis on: over the channels, or over all of a map."""
    scale, shift = _learned(tracer, operation)
    view = tracer.view(operation)
    axis = int(operation.attributes.get("axis", -1)) % len(view.axes)
    axes = [place for place in view.axes[axis:] if place != ONE]
    shape = tracer.draft.steps[view.step].shape
    over: Any
    if len(axes) == 1 and axes[0] >= 0:
        # The features of a sequence may be another axis of the step: after a layer that worked along the positions.
        view, over = channels_last(tracer, view, operation.path), "channels"
    elif sorted(axes) == list(range(shape.rank + 1)) and BATCH not in axes:
        over = "map"
    else:
        raise CannotSay
    layer = LayerNorm(over=over, epsilon=short(operation.attributes.get("epsilon", 1e-5)), **_affine(scale, shift))
    tracer.same_axes(operation, view, layer, Numbers(_numbers(scale, shift)))


def local_response_norm(tracer: Tracer, operation: Operation) -> None:
    """LRN with its constants."""
    attributes = operation.attributes
    layer = LocalResponseNorm(
        size=int(attributes["size"]),
        alpha=short(attributes.get("alpha", 1e-4)),
        beta=short(attributes.get("beta", 0.75)),
        k=short(attributes.get("bias", 1.0)),
    )
    tracer.emit(operation, layer, tracer.normal(tracer.view(operation), operation.path))


RULES: dict[str, Rule] = {
    "BatchNormalization": batch_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    "LayerNormalization": layer_norm,
    "LRN": local_response_norm,
}
