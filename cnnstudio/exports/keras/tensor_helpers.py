"""The few lines that Keras code needs for unusual layers: each is written only where it is used."""

from __future__ import annotations

_STANDARD = '''
class StandardConv{n}D(layers.Conv{n}D):
    """A convolution whose weights have mean 0 and deviation 1 in each filter."""

    @property
    def kernel(self):
        kernel = super().kernel
        axes = tuple(range({n} + 1))
        mean = ops.mean(kernel, axis=axes, keepdims=True)
        variance = ops.mean(ops.square(kernel - mean), axis=axes, keepdims=True)
        return (kernel - mean) / ops.sqrt(variance + 1e-5)
'''

HELPERS: dict[str, str] = {
    **{f"StandardConv{rank}D": _STANDARD.format(n=rank) for rank in (1, 2, 3)},
    "GlobalResponseNorm": '''
class GlobalResponseNorm(layers.Layer):
    """Scales each channel by its length over the map, compared with the other channels' (ConvNeXt V2)."""

    def __init__(self, epsilon=1e-6, **options):
        super().__init__(**options)
        self.epsilon = epsilon

    def build(self, shape):
        self.weight = self.add_weight(shape=(shape[-1],), initializer="zeros", name="weight")
        self.bias = self.add_weight(shape=(shape[-1],), initializer="zeros", name="bias")

    def call(self, x):
        axes = tuple(range(1, len(x.shape) - 1))
        lengths = ops.sqrt(ops.sum(ops.square(x), axis=axes, keepdims=True)) if axes else ops.abs(x)
        return self.weight * (x * lengths / (ops.mean(lengths, axis=-1, keepdims=True) + self.epsilon)) + self.bias + x
''',
    "patches": '''
def patches(x, size, strides, dilation, places):
    """The windows of a map: the elements of each are one more axis, before the channels."""
    shifted = []
    for tap in range(math.prod(size)):
        part = x
        for axis in range(len(size), 0, -1):
            tap, at = divmod(tap, size[axis - 1])
            start, step = at * dilation[axis - 1], strides[axis - 1]
            taken = slice(start, start + (places[axis - 1] - 1) * step + 1, step)
            part = part[(slice(None),) * axis + (taken,)]
        shifted.append(part)
    return ops.stack(shifted, axis=-2)
''',
    "LocallyConnected": '''
class LocallyConnected(layers.Layer):
    """A convolution with kernels and biases of its own at each place."""

    def __init__(self, filters, places, size, strides=None, dilation=None, use_bias=True, activation=None, **options):
        super().__init__(**options)
        self.filters, self.places, self.size, self.use_bias = filters, places, size, use_bias
        self.strides, self.dilation = strides or (1,) * len(size), dilation or (1,) * len(size)
        self.activation = keras.activations.get(activation)

    def build(self, shape):
        sizes = (math.prod(self.places), math.prod(self.size), shape[-1], self.filters)
        self.kernel = self.add_weight(shape=sizes, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(shape=(*self.places, self.filters), initializer="zeros", name="bias")

    def call(self, x):
        x = patches(x, self.size, self.strides, self.dilation, self.places)
        x = ops.reshape(x, (-1, math.prod(self.places), *x.shape[-2:]))
        x = ops.reshape(ops.einsum("bpkc,pkcn->bpn", x, self.kernel), (-1, *self.places, self.filters))
        return self.activation(x + self.bias if self.use_bias else x)
''',
    "blur": '''
def blur(x, taps, strides, places):
    """A fixed filter, the same along each axis, over each channel."""
    for axis, (stride, count) in enumerate(zip(strides, places), 1):
        lead = (slice(None),) * axis
        parts = [x[(*lead, slice(i, i + (count - 1) * stride + 1, stride))] * tap for i, tap in enumerate(taps)]
        x = sum(parts[1:], parts[0])
    return x
''',
    "unpool": '''
def unpool(x, pooled, size):
    """Each element where the maximum of its window was in the map that was pooled; windows do not overlap."""
    sizes, places, channels = pooled.shape[1:-1], x.shape[1:-1], x.shape[-1]
    rank, taps = len(size), math.prod(size)
    inside = pooled[(slice(None), *[slice(0, side * count) for side, count in zip(size, places)])]
    parted = ops.reshape(inside, (-1, *[part for pair in zip(places, size) for part in pair], channels))
    order = (0, *range(1, 2 * rank, 2), 2 * rank + 1, *range(2, 2 * rank + 1, 2))
    windows = ops.reshape(ops.transpose(parted, order), (-1, *places, channels, taps))
    chosen = ops.one_hot(ops.argmax(windows, axis=-1), taps) * ops.expand_dims(x, -1)
    chosen = ops.reshape(chosen, (-1, *places, channels, *size))
    back = (0, *[axis for i in range(rank) for axis in (1 + i, 2 + rank + i)], rank + 1)
    x = ops.reshape(ops.transpose(chosen, back), (-1, *inside.shape[1:]))
    return ops.pad(x, ((0, 0), *[(0, whole - part) for whole, part in zip(sizes, x.shape[1:-1])], (0, 0)))
''',
    "unfold": '''
def unfold(x, size, strides, dilation, places):
    """The windows of a map as columns, in PyTorch's order of channels."""
    x = ops.swapaxes(patches(x, size, strides, dilation, places), -1, -2)
    return ops.reshape(x, (-1, math.prod(places), x.shape[-2] * x.shape[-1]))
''',
    "fold": '''
def fold(x, size, strides, dilation, pads, places, outputs):
    """Columns as windows of a map, added up where they overlap."""
    taps = math.prod(size)
    channels = x.shape[-1] // taps
    x = ops.transpose(ops.reshape(x, (-1, *places, channels, taps)), (0, 3, 1, 2, 4))
    parts = []
    for channel in range(channels):
        rows = []
        for tap in range(taps):
            part = _spread(x[:, channel, ..., tap], strides)
            starts = [at * gap - pad for at, gap, pad in zip(divmod(tap, size[1]), dilation, pads)]
            for axis, (start, whole) in enumerate(zip(starts, outputs), 1):
                cut = (slice(None),) * axis + (slice(max(0, -start), max(0, whole - start)),)
                part = part[cut]
                before = max(0, start)
                ends = [(0, 0)] * 3
                ends[axis] = (before, whole - before - part.shape[axis])
                part = ops.pad(part, ends)
            rows.append(part)
        parts.append(sum(rows[1:], rows[0]))
    return ops.stack(parts, axis=-1)


def _spread(x, strides):
    """A map with zeros between its elements."""
    for axis, stride in enumerate(strides, 1):
        if stride > 1:
            shape = list(x.shape[1:])
            shape[axis - 1] *= stride
            ends = [(0, 0)] * (len(x.shape) + 1)
            ends[axis + 1] = (0, stride - 1)
            x = ops.reshape(ops.pad(ops.expand_dims(x, axis + 1), ends), (-1, *shape))
    return x
''',
}
"""Source text by key, in the order in which helpers stand in a file."""
_COUNTING = ("patches", "LocallyConnected", "unpool", "unfold", "fold")
NEEDS: dict[str, tuple[str, ...]] = dict.fromkeys(_COUNTING, ("math",))
"""Modules of the standard library that helpers import."""
