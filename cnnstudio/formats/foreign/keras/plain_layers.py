"""Dense layers, normalization, merging and regularization of Keras as layers of a design."""

from __future__ import annotations

from math import prod
from typing import Any

from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.draft import Numbers, placeholder
from cnnstudio.formats.foreign.keras import activations
from cnnstudio.formats.foreign.keras.call import Call
from cnnstudio.layers import LAYER_TYPES
from cnnstudio.layers.activation import PReLU
from cnnstudio.layers.merge import Concat
from cnnstudio.layers.normalization import (
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Normalization,
    Rescaling,
    Scale,
    UnitNormalization,
)
from cnnstudio.layers.regularization import Dropout, DropPath, SpatialDropout

Values = dict[str, Any]


def dense(call: Call) -> Layer:
    """A Dense layer, which in Keras acts on the last axis.

    Raises NotUnderstood for a map whose channels come first.
    """
    if call.shape.rank and call.channels_first:
        raise call.refusal("acts on the last axis of a map whose channels come first.")
    values: Values = {
        "units": call.integer("units", "output_dim"),
        "bias": call.flag("use_bias", "bias", default=True),
        "activation": activations.in_field(call.get("activation")),
        # Keras never flattens: on a map its Dense is a convolution of 1 × 1.
        "apply_to": "channels" if call.shape.rank else "all",
    }
    return LAYER_TYPES["Dense"](**values)


def batch_norm(call: Call) -> Layer:
    """A BatchNormalization over the channels; Keras' momentum is the weight of the old statistics.

    Raises NotUnderstood for renormalization.
    """
    if call.flag("renorm", default=False):
        raise call.refusal("renormalizes, which a design has no word for.")
    axis = call.axis(call.get("axis", default=-1))
    if axis:
        size = call.shape.to_list()[axis]
        learned = size * (call.flag("scale", default=True) + call.flag("center", default=True))
        return placeholder(call.shape, Numbers(learned, 2 * size), 0)
    return BatchNorm(
        epsilon=call.number("epsilon", default=1e-3),
        # 1 - 0.99 is 0.010000000000000009 in floating point.
        momentum=round(1 - call.number("momentum", default=0.99), 10),
        **_affine(call),
    )


def _affine(call: Call) -> Values:
    scale, center = call.flag("scale", default=True), call.flag("center", default=True)
    return {"affine": scale or center, "scale": scale or not center, "center": center or not scale}


def layer_norm(call: Call) -> Layer:
    """A LayerNormalization over the channels or the whole map; over other axes a placeholder with its numbers."""
    axes = call.get("axis", default=-1)
    places = sorted(call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes]))
    epsilon = call.number("epsilon", default=1e-3)
    scaled_only = call.flag("rms_scaling", default=False)
    if not scaled_only and places in ([0], list(range(call.shape.rank + 1))):
        over: Any = "channels" if places == [0] and call.shape.rank else "map"
        if not call.shape.rank:
            over = "channels"
        return LayerNorm(over=over, epsilon=epsilon, **_affine(call))
    features = prod(call.shape.to_list()[place] for place in places)
    has_shift = call.flag("center", default=True) and not scaled_only
    biases = features if has_shift else 0
    learned = biases + (features if call.flag("scale", default=True) else 0)
    return placeholder(call.shape, Numbers(learned), 0, biases)


def unit_norm(call: Call) -> Layer:
    """A UnitNormalization over the channels or the whole map; over other axes a placeholder."""
    axes = call.get("axis", default=-1)
    places = sorted(call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes]))
    if places == [0]:
        return UnitNormalization()
    if places == list(range(call.shape.rank + 1)):
        return UnitNormalization(over="map")
    return placeholder(call.shape, Numbers(), 0)


def rms_norm(call: Call) -> Layer:
    """An RMSNormalization: one scale a feature; a design has no word for it."""
    axes = call.get("axis", default=-1)
    places = [call.axis(axis) for axis in (axes if isinstance(axes, list) else [axes])]
    return placeholder(call.shape, Numbers(prod(call.shape.to_list()[place] for place in places)), 0)


def group_norm(call: Call) -> Layer:
    """A GroupNormalization; with -1 groups each channel is normalized by itself.

    Raises NotUnderstood for another axis than the channels.
    """
    if call.axis(call.get("axis", default=-1)):
        raise call.refusal("normalizes groups of an axis that is not the channels.")
    groups = call.integer("groups", default=32)
    epsilon = call.number("epsilon", default=1e-3)
    if groups == -1 or groups == call.shape.channels:
        return InstanceNorm(epsilon=epsilon, **_affine(call))
    return GroupNorm(groups=groups, epsilon=epsilon, **_affine(call))


def instance_norm(call: Call) -> Layer:
    """An InstanceNormalization of keras_contrib, over all of an example if it names no axis, or TensorFlow Addons."""
    axis = call.config.get("axis", -1)
    epsilon = call.number("epsilon", default=1e-3)
    if axis is None:
        learned = call.flag("scale", default=True) + call.flag("center", default=True)
        return placeholder(call.shape, Numbers(learned), 0)
    if call.axis(axis):
        raise call.refusal("normalizes along an axis that is not the channels.")
    return InstanceNorm(epsilon=epsilon, **_affine(call))


def normalization(call: Call) -> Layer:
    """A Normalization: statistics adapted from data are stored with the model, given ones are constants."""
    axis = call.get("axis", default=-1)
    is_given = call.get("mean") is not None
    if axis is None or axis == []:
        # One mean and one variance for everything, and the count that Keras keeps beside them.
        return placeholder(call.shape, Numbers(0, 0 if is_given else 3), 0)
    if call.axis(axis):
        size = call.shape.to_list()[call.axis(axis)]
        return placeholder(call.shape, Numbers(0, 0 if is_given else 2 * size + 1), 0)
    return Normalization(track_statistics=not is_given)


def rescaling(call: Call) -> Layer:
    """A Rescaling by numbers, or by one number a channel."""
    scale, offset = call.get("scale", default=1.0), call.get("offset", default=0.0)
    if isinstance(scale, list) or isinstance(offset, list):
        return Normalization(track_statistics=False)
    return Rescaling(scale=float(scale), offset=float(offset))


def layer_scale(_call: Call) -> Layer:
    """A LayerScale, as in ConvNeXt: one learned factor a channel."""
    return Scale()


def prelu(call: Call) -> Layer:
    """A PReLU: one slope an element, shared along the axes that the file names."""
    shared = call.get("shared_axes")
    axes = {call.axis(axis) for axis in shared} if isinstance(shared, list) else set()
    every = set(range(call.shape.rank + 1))
    if axes == every - {0} and axes:
        return PReLU(coefficients="channel")
    if axes == every:
        return PReLU(coefficients="layer")
    if axes:
        return PReLU(coefficients="element", shared_axes=tuple(sorted(axes)))
    return PReLU(coefficients="element" if call.shape.rank else "channel")


def leaky_relu(call: Call) -> Layer:
    """A LeakyReLU; Keras' own slope is 0.3."""
    return activations.function("leaky_relu", slope=call.number("negative_slope", "alpha", default=0.3))


def elu(call: Call) -> Layer:
    """An ELU."""
    return activations.function("elu", alpha=call.number("alpha", default=1.0))


def dropout(call: Call) -> Layer:
    """A Dropout; with a noise of one number an example it drops whole branches."""
    noise = call.get("noise_shape")
    rate = _rate(call)
    if isinstance(noise, list) and len(noise) == call.shape.rank + 2:
        if all(size == 1 for size in noise[1:]):
            return DropPath(rate=rate)
        if all(size == 1 for size in noise[1:-1]) and call.shape.rank:
            return SpatialDropout(rate=rate)
    return Dropout(rate=rate)


def _rate(call: Call) -> float:
    rate = call.number("rate", "p", "drop_path_rate", "survival_probability", default=0.5)
    if not 0 <= rate < 1:
        raise call.refusal(f"drops with the probability {rate:g}, and it must be from 0 to less than 1.")
    return rate


def spatial_dropout(call: Call) -> Layer:
    """SpatialDropout1D to 3D."""
    return SpatialDropout(rate=_rate(call))


def stochastic_depth(call: Call) -> Layer:
    """StochasticDepth, as in ConvNeXt."""
    return DropPath(rate=_rate(call))


_MERGES = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "min": "Minimum"}


def old_merge(call: Call) -> Layer:
    """The Merge layer of Keras 1, with its rule as a word. Raises NotUnderstood for a rule without a layer."""
    mode = call.get("mode", default="sum")
    if mode == "concat":
        return Concat(axis=call.axis(call.get("concat_axis", default=-1)))
    if mode not in _MERGES:
        raise call.refusal(f"joins branches by the rule '{mode}', which a design has no word for.")
    return LAYER_TYPES[_MERGES[mode]]()


def noise(call: Call) -> Layer:
    """Noise that is added in training only: nothing afterwards."""
    return activations.elementwise(call.shape)
