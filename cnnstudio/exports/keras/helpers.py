"""The few lines that Keras code needs where Keras has no layer: each is written only where it is used."""

from __future__ import annotations

from cnnstudio.exports.keras import attention_helpers, tensor_helpers
from cnnstudio.exports.keras.steps import HELPER as STEPS
from cnnstudio.exports.source.saying import AT_EACH_STEP

HELPERS: dict[str, str] = (
    {
        AT_EACH_STEP: STEPS,
        "Affine": '''
class Affine(layers.Layer):
    """Multiplies each channel, or all of them, by a learned scale, and adds a learned shift if it is wanted."""

    def __init__(self, shift=False, single=False, **options):
        super().__init__(**options)
        self.shift, self.single = shift, single

    def build(self, shape):
        sizes = (1,) if self.single else (shape[-1],)
        self.weight = self.add_weight(shape=sizes, initializer="ones", name="weight")
        self.bias = self.add_weight(shape=sizes, initializer="zeros", name="bias") if self.shift else None

    def call(self, x):
        return x * self.weight if self.bias is None else x * self.weight + self.bias
''',
        # `ops.pad` has neither replicated nor circular padding, and ZeroPadding knows zeros alone.
        "pad_by": '''
def pad_by(x, ends, mode):
    """Pads each spatial axis by (begin, end) elements of the map: "reflect", "replicate" or "circular"."""
    for axis, (begin, end) in enumerate(ends, 1):
        size = x.shape[axis]
        places = range(-begin, size + end)
        if mode == "circular":
            taken = [place % size for place in places]
        elif mode == "replicate":
            taken = [min(max(place, 0), size - 1) for place in places]
        else:
            taken = [size - 1 - abs(size - 1 - abs(place)) for place in places]
        x = ops.take(x, ops.convert_to_tensor(taken, "int32"), axis=axis) if begin or end else x
    return x
''',
        "pad_with": '''
def pad_with(x, ends, value):
    """Pads each spatial axis by (begin, end) elements of this value."""
    return ops.pad(x, ((0, 0), *ends, (0, 0)), constant_values=value)
''',
        # With "same" padding, Keras leaves the padding out of averages; PyTorch counts it, unless it is told otherwise.
        "average_pool": '''
def average_pool(x, size, strides, ends, counted):
    """Averages over windows of a map padded by `ends`; of that, only `counted` takes part in the averages."""
    rest = [(total[0] - part[0], total[1] - part[1]) for total, part in zip(ends, counted)]
    ones = ops.pad(ops.ones((1, *x.shape[1:-1], 1)), ((0, 0), *counted, (0, 0)), constant_values=1.0)
    ones = ops.pad(ones, ((0, 0), *rest, (0, 0)))
    sums = ops.average_pool(ops.pad(x, ((0, 0), *ends, (0, 0))), size, strides, "valid", "channels_last")
    return sums / ops.average_pool(ones, size, strides, "valid", "channels_last")
''',
        # Pooling layers of Keras have no dilation.
        "dilated_max_pool": '''
def dilated_max_pool(x, size, strides, dilation, outputs):
    """The maximum of windows whose elements lie `dilation` apart."""
    for axis, (width, step, gap, places) in enumerate(zip(size, strides, dilation, outputs), 1):
        taken = [[gap * tap + step * place for place in range(places)] for tap in range(width)]
        maps = [ops.take(x, ops.convert_to_tensor(places, "int32"), axis=axis) for places in taken]
        x = functools.reduce(ops.maximum, maps)
    return x
''',
        "partial_conv": '''
def partial_conv(x, connections, name, **options):
    """A convolution in which each filter sees only some of the input channels, as LeNet-5's C3."""
    maps = []
    for i, seen in enumerate(connections):
        part = ops.take(x, ops.convert_to_tensor(seen, "int32"), axis=-1)
        maps.append(layers.Conv2D(1, name=f"{name}_{i}", **options)(part))
    return maps[0] if len(maps) == 1 else layers.Concatenate(name=name)(maps)
''',
        "grouped": '''
def grouped(make, x, groups, name):
    """Applies a layer of its own to each group of channels."""
    width = x.shape[-1] // groups
    parts = [make(f"{name}_{i}")(x[..., i * width : (i + 1) * width]) for i in range(groups)]
    return layers.Concatenate(name=name)(parts)
''',
        # PyTorch and Caffe divide alpha by the size of the window; TensorFlow's operation does not.
        "local_response_norm": '''
def local_response_norm(x, size, alpha, beta, k):
    """Divides by the activity of neighbouring channels, as in AlexNet."""
    channels = x.shape[-1]
    ends = [(0, 0)] * (len(x.shape) - 1) + [(size // 2, (size - 1) // 2)]
    squares = ops.pad(ops.square(x), ends)
    total = sum(squares[..., i : i + channels] for i in range(size))
    return x / ops.power(k + alpha / size * total, beta)
''',
        # TensorFlow's cubic has a = -0.5, PyTorch's has -0.75: the same word gives other numbers.
        "resample": '''
def resample(x, sizes, mode, steps, align_corners=False):
    """Enlarges to `sizes`, one input element being `steps` outputs; "nearest", "linear" or "cubic" (a = -0.75)."""
    for axis, (size, step) in enumerate(zip(sizes, steps), 1):
        have = x.shape[axis]
        taps = [_taps(place, have, size, step, mode, align_corners) for place in range(size)]
        shape = [size if i == axis else 1 for i in range(len(x.shape))]
        parts = []
        for i in range(len(taps[0])):
            places = ops.convert_to_tensor([min(max(tap[i][0], 0), have - 1) for tap in taps], "int32")
            weights = ops.reshape(ops.convert_to_tensor([tap[i][1] for tap in taps], "float32"), shape)
            parts.append(ops.take(x, places, axis=axis) * weights)
        x = sum(parts[1:], parts[0])
    return x


def _taps(place, have, size, step, mode, align_corners):
    """The input elements that an output is made of, with their weights."""
    if mode == "nearest":
        return [(int(place * have / size if step is None else place / step), 1.0)]
    ratio = have / size if step is None else 1 / step
    if align_corners:
        at = place * (have - 1) / (size - 1) if size > 1 else 0.0
    else:
        at = (place + 0.5) * ratio - 0.5
    if mode == "linear":
        at = max(at, 0.0)
        low = min(int(at), have - 1)
        return [(low, 1 - (at - low)), (low + 1, at - low)]
    low = math.floor(at)
    near, far = (lambda d: (1.25 * d - 2.25) * d * d + 1), (lambda d: ((-0.75 * d + 3.75) * d - 6) * d + 3)
    part = at - low
    return [(low - 1, far(1 + part)), (low, near(part)), (low + 1, near(1 - part)), (low + 2, far(2 - part))]
''',
        # TensorFlow's depth_to_space takes the place in a square as the slower part of a channel's number, PyTorch as
        # the faster.
        "shuffle_out": '''
def shuffle_out(x, scale):
    """Moves scale ** n channels into the n spatial axes, in PyTorch's order of channels."""
    sizes, channels = x.shape[1:-1], x.shape[-1]
    n = len(sizes)
    x = ops.reshape(x, (-1, *sizes, channels // scale**n, *[scale] * n))
    order = [axis for i in range(n) for axis in (1 + i, 2 + n + i)]
    x = ops.transpose(x, (0, *order, n + 1))
    return ops.reshape(x, (-1, *[size * scale for size in sizes], channels // scale**n))
''',
        "shuffle_in": '''
def shuffle_in(x, scale):
    """Moves scale ** n neighbours along the n spatial axes into channels, in PyTorch's order of channels."""
    sizes, channels = x.shape[1:-1], x.shape[-1]
    n = len(sizes)
    x = ops.reshape(x, (-1, *[part for size in sizes for part in (size // scale, scale)], channels))
    order = [*range(1, 2 * n, 2), 2 * n + 1, *range(2, 2 * n + 1, 2)]
    return ops.reshape(ops.transpose(x, (0, *order)), (-1, *[size // scale for size in sizes], channels * scale**n))
''',
        "shuffle_channels": '''
def shuffle_channels(x, groups):
    """Deals the channels from their groups, as ShuffleNet does."""
    sizes, channels = x.shape[1:-1], x.shape[-1]
    x = ops.reshape(x, (-1, *sizes, groups, channels // groups))
    axes = list(range(len(sizes) + 1))
    return ops.reshape(ops.transpose(x, (*axes, axes[-1] + 2, axes[-1] + 1)), (-1, *sizes, channels))
''',
    }
    | attention_helpers.HELPERS
    | tensor_helpers.HELPERS
)
"""Source text by key, in the order in which helpers stand in a file."""
NEEDS: dict[str, tuple[str, ...]] = (
    {
        "dilated_max_pool": ("functools",),
        "resample": ("math",),
    }
    | attention_helpers.NEEDS
    | tensor_helpers.NEEDS
)
"""Modules of the standard library that helpers import."""
