"""The few lines that Keras code needs for attention where Keras has no layer: each is written only where it is used."""

from __future__ import annotations

HELPERS: dict[str, str] = {
    "Learned": '''
class Learned(layers.Layer):
    """A learned tensor: added to the input, multiplied with it, put first or last along an axis, or alone."""

    def __init__(self, tensor, use="add", axis=1, **options):
        super().__init__(**options)
        self.tensor, self.use, self.axis = tensor, use, axis

    def build(self, shape):
        self.weight = self.add_weight(shape=self.tensor, initializer="zeros", name="weight")

    def call(self, x):
        if self.use == "add":
            return x + self.weight
        if self.use == "multiply":
            return x * self.weight
        each = ops.repeat(ops.expand_dims(self.weight, 0), ops.shape(x)[0], axis=0)
        if self.use == "alone":
            return each
        return ops.concatenate([each, x] if self.use == "first" else [x, each], axis=self.axis)

    def compute_output_shape(self, shape):
        if self.use in ("add", "multiply"):
            return shape
        sizes = list(self.tensor) if self.use == "alone" else list(shape[1:])
        if self.use in ("first", "last"):
            place = self.axis - 1 if self.axis > 0 else self.axis
            sizes[place] += self.tensor[place]
        return (shape[0], *sizes)
''',
    "attend_heads": '''
def attend_heads(query, key, value, heads, last_axis=False):
    """Scaled dot-product attention between the positions of maps, the channels split into heads."""

    def split(x):
        positions = x.shape[-2] if last_axis else math.prod(x.shape[1:-1])
        return ops.reshape(x, (-1, positions, heads, x.shape[-1] // heads))

    result = ops.dot_product_attention(split(query), split(key), split(value))
    return ops.reshape(result, (-1, *query.shape[1:-1], value.shape[-1]))
''',
    "distances": '''
def distances(window):
    """For each pair of positions in a window the number of their distance along both axes."""
    height, width = window
    places = [(row, column) for row in range(height) for column in range(width)]
    rows = [[(a[0] - b[0] + height - 1) * (2 * width - 1) + a[1] - b[1] + width - 1 for b in places] for a in places]
    return ops.convert_to_tensor(rows, "int32")
''',
    "RelativePositionBias": '''
class RelativePositionBias(layers.Layer):
    """Adds a learned number for each head and each distance of two positions in a window."""

    def __init__(self, window, **options):
        super().__init__(**options)
        self.window = window

    def build(self, shape):
        count = (2 * self.window[0] - 1) * (2 * self.window[1] - 1)
        self.weight = self.add_weight(shape=(count, shape[-1]), initializer="zeros", name="weight")

    def call(self, scores):
        return scores + ops.take(self.weight, distances(self.window), axis=0)
''',
    "WindowAttention": '''
class WindowAttention(layers.Layer):
    """Attention within windows of a map, shifted if asked to, as in Swin transformers."""

    def __init__(self, heads, window, shift=0, use_bias=True, relative_positions=True, **options):
        super().__init__(**options)
        self.heads, self.window, self.shift = heads, window, shift
        self.use_bias, self.relative_positions = use_bias, relative_positions

    def build(self, shape):
        channels, (height, width) = shape[-1], self.window
        self.qkv = self.add_weight(shape=(channels, 3 * channels), name="qkv_kernel")
        self.output_kernel = self.add_weight(shape=(channels, channels), name="output_kernel")
        if self.use_bias:
            self.qkv_bias = self.add_weight(shape=(3 * channels,), initializer="zeros", name="qkv_bias")
            self.output_bias = self.add_weight(shape=(channels,), initializer="zeros", name="output_bias")
        if self.relative_positions:
            count = (2 * height - 1) * (2 * width - 1)
            self.positions = self.add_weight(shape=(count, self.heads), initializer="zeros", name="positions")

    def call(self, x):
        height, width, channels = x.shape[1:]
        ends = [-size % side for size, side in zip((height, width), self.window)]
        x = ops.pad(x, ((0, 0), (0, ends[0]), (0, ends[1]), (0, 0)))
        sizes = (height + ends[0], width + ends[1])
        # One window has no neighbours from which a shift could take anything.
        shifts = [self.shift if side < size else 0 for side, size in zip(self.window, sizes)]
        x = self._windows(ops.roll(x, [-shift for shift in shifts], (1, 2)), sizes)
        x = ops.matmul(x, self.qkv) + (self.qkv_bias if self.use_bias else 0.0)
        count, places = x.shape[1:3]
        x = ops.reshape(x, (-1, count, places, 3, self.heads, channels // self.heads))
        query, key, value = [ops.transpose(x[:, :, :, i], (0, 1, 3, 2, 4)) for i in range(3)]
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 2, 4, 3))) * (channels // self.heads) ** -0.5
        if self.relative_positions:
            scores = scores + ops.transpose(ops.take(self.positions, distances(self.window), axis=0), (2, 0, 1))
        weights = ops.softmax(scores + self._mask(sizes, shifts), axis=-1)
        mixed = ops.reshape(ops.transpose(ops.matmul(weights, value), (0, 1, 3, 2, 4)), (-1, count, places, channels))
        mixed = ops.matmul(mixed, self.output_kernel) + (self.output_bias if self.use_bias else 0.0)
        parts = (sizes[0] // self.window[0], sizes[1] // self.window[1])
        mixed = ops.reshape(mixed, (-1, *parts, *self.window, channels))
        mixed = ops.reshape(ops.transpose(mixed, (0, 1, 3, 2, 4, 5)), (-1, *sizes, channels))
        return ops.roll(mixed, shifts, (1, 2))[:, :height, :width]

    def _windows(self, x, sizes):
        """Windows and the places in them as axes."""
        rows, columns = sizes[0] // self.window[0], sizes[1] // self.window[1]
        x = ops.reshape(x, (-1, rows, self.window[0], columns, self.window[1], x.shape[-1]))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (-1, rows * columns, self.window[0] * self.window[1], x.shape[-1]))

    def _mask(self, sizes, shifts):
        """What lay apart before the shift attends to nothing of each other."""
        parts = []
        for size, side, shift in zip(sizes, self.window, shifts):
            places = ops.arange(size)
            parts.append(ops.cast(places >= size - side, "int32") + ops.cast(places >= size - shift, "int32"))
        regions = ops.expand_dims(parts[0], 1) * 3 + ops.expand_dims(parts[1], 0)
        regions = self._windows(ops.cast(regions, "float32")[None, :, :, None], sizes)[0, :, :, 0]
        same = ops.expand_dims(regions, 2) == ops.expand_dims(regions, 1)
        return ops.expand_dims(ops.where(same, 0.0, -100.0), 1)
''',
    "to_windows": '''
def to_windows(x, window):
    """Windows of a map and the places in them as its two axes."""
    rows, columns, channels = x.shape[1] // window[0], x.shape[2] // window[1], x.shape[3]
    x = ops.transpose(ops.reshape(x, (-1, rows, window[0], columns, window[1], channels)), (0, 1, 3, 2, 4, 5))
    return ops.reshape(x, (-1, rows * columns, window[0] * window[1], channels))
''',
    "from_windows": '''
def from_windows(x, window, size):
    """The map that was cut into windows."""
    x = ops.reshape(x, (-1, size[0] // window[0], size[1] // window[1], *window, x.shape[-1]))
    return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, *size, x.shape[-1]))
''',
}
"""Source text by key, in the order in which helpers stand in a file."""
NEEDS: dict[str, tuple[str, ...]] = {"attend_heads": ("math",)}
"""Modules of the standard library that helpers import."""
