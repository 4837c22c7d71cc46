"""The few lines that PyTorch code needs for attention where PyTorch has no module: written where they are used."""

from __future__ import annotations

HELPERS: dict[str, str] = {
    "MultiHeadAttention": '''
class MultiHeadAttention(nn.Module):
    """Attention whose heads have keys and values of any size; taken as nn.MultiheadAttention is."""

    def __init__(self, channels, heads, key_size, value_size, units, bias=True):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels[0], heads * key_size, bias)
        self.key = nn.Linear(channels[1], heads * key_size, bias)
        self.value = nn.Linear(channels[2], heads * value_size, bias)
        self.output = nn.Linear(heads * value_size, units, bias)

    def forward(self, query, key, value, need_weights=False, average_attn_weights=False):
        parts = self.query(query), self.key(key), self.value(value)
        query, key, value = [part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts]
        scores = None
        if need_weights:
            scores = torch.softmax((query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1), dim=-1)
        mixed = F.scaled_dot_product_attention(query, key, value) if scores is None else scores @ value
        return self.output(mixed.transpose(1, 2).flatten(2)), scores
''',
    "attend": '''
def attend(attention, query, key, value, last_axis=False, scores=False):
    """Attention between the positions of maps, or between those along the last axis alone; with its scores if asked."""

    def sequence(x):
        x = x.movedim(1, -1)
        return x.flatten(0, -3) if last_axis else x.flatten(1, -2)

    # PyTorch projects what is the same tensor once.
    first = sequence(query)
    second = first if key is query else sequence(key)
    third = second if value is key else sequence(value)
    result, weights = attention(first, second, third, need_weights=scores, average_attn_weights=False)
    result = result.reshape(query.shape[0], *query.shape[2:], result.shape[-1]).movedim(-1, 1)
    if not scores:
        return result
    is_apart = last_axis and query.dim() > 3
    return result, weights.unflatten(0, (query.shape[0], -1)).transpose(1, 2).contiguous() if is_apart else weights
''',
    "attend_heads": '''
def attend_heads(query, key, value, heads, last_axis=False):
    """Scaled dot-product attention between the positions of maps, the channels split into heads."""

    def split(x):
        x = x.movedim(1, -1)
        x = x.flatten(0, -3) if last_axis else x.flatten(1, -2)
        # The fast kernels want the channels of a head beside each other.
        return x.contiguous().unflatten(-1, (heads, -1)).transpose(1, 2)

    result = F.scaled_dot_product_attention(split(query), split(key), split(value)).transpose(1, 2).flatten(2)
    return result.reshape(query.shape[0], *query.shape[2:], result.shape[-1]).movedim(-1, 1)
''',
    "RelativePositionBias": '''
class RelativePositionBias(nn.Module):
    """Adds a learned number for each head and each distance of two positions in a window."""

    def __init__(self, window, heads):
        super().__init__()
        height, width = window
        self.weight = nn.Parameter(torch.zeros((2 * height - 1) * (2 * width - 1), heads))
        rows = torch.arange(height * width) // width
        columns = torch.arange(height * width) % width
        down = rows[:, None] - rows + height - 1
        across = columns[:, None] - columns + width - 1
        self.register_buffer("index", down * (2 * width - 1) + across, persistent=False)

    def forward(self, scores):
        bias = self.weight[self.index].permute(2, 0, 1)
        return scores + (bias if scores.dim() == 4 else bias.unsqueeze(1))
''',
    "WindowAttention": '''
class WindowAttention(nn.Module):
    """Attention within windows of a map, shifted if asked to, as in Swin transformers."""

    def __init__(self, channels, heads, window, shift=0, bias=True, relative_positions=True):
        super().__init__()
        self.heads, self.window, self.shift = heads, window, shift
        self.qkv = nn.Linear(channels, 3 * channels, bias)
        self.output = nn.Linear(channels, channels, bias)
        self.positions = RelativePositionBias(window, heads) if relative_positions else None

    def forward(self, x):
        height, width = x.shape[2:]
        x = F.pad(x, (0, -width % self.window[1], 0, -height % self.window[0]))
        sizes = x.shape[2:]
        # One window has no neighbours from which a shift could take anything.
        shifts = [self.shift if side < size else 0 for side, size in zip(self.window, sizes)]
        x = torch.roll(x, [-shift for shift in shifts], (2, 3))
        parts = self.qkv(self._windows(x)).unflatten(-1, (3, self.heads, -1)).permute(3, 0, 4, 1, 2, 5)
        query, key, value = parts
        scores = query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5
        if self.positions is not None:
            scores = self.positions(scores)
        weights = torch.softmax(scores + self._mask(sizes, shifts, x.device), dim=-1)
        mixed = self.output((weights @ value).permute(0, 2, 3, 1, 4).flatten(3))
        rows, columns = sizes[0] // self.window[0], sizes[1] // self.window[1]
        mixed = mixed.unflatten(2, self.window).unflatten(1, (rows, columns)).permute(0, 5, 1, 3, 2, 4)
        mixed = mixed.flatten(4).flatten(2, 3)
        return torch.roll(mixed, shifts, (2, 3))[:, :, :height, :width]

    def _windows(self, x):
        """Windows and the places in them as axes, the channels last."""
        x = x.unflatten(3, (-1, self.window[1])).unflatten(2, (-1, self.window[0]))
        return x.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(1, 2)

    def _mask(self, sizes, shifts, device):
        """What lay apart before the shift attends to nothing of each other."""
        parts = []
        for size, side, shift in zip(sizes, self.window, shifts):
            places = torch.arange(size, device=device)
            parts.append((places >= size - side).int() + (places >= size - shift).int())
        regions = self._windows((parts[0][:, None] * 3 + parts[1])[None, None].float()).squeeze(-1)[0]
        return torch.where(regions[:, :, None] == regions[:, None], 0.0, -100.0)
''',
    "to_windows": '''
def to_windows(x, window):
    """Windows of a map and the places in them as its two axes."""
    x = x.unflatten(3, (-1, window[1])).unflatten(2, (-1, window[0]))
    return x.permute(0, 1, 2, 4, 3, 5).flatten(4).flatten(2, 3)
''',
    "from_windows": '''
def from_windows(x, window, size):
    """The map that was cut into windows."""
    x = x.reshape(*x.shape[:2], size[0] // window[0], size[1] // window[1], *window)
    return x.permute(0, 1, 2, 4, 3, 5).reshape(*x.shape[:2], *size)
''',
}
"""Source text by key, in the order in which helpers stand in a file."""
USES_FUNCTIONS = ("MultiHeadAttention", "attend_heads", "WindowAttention")
"""The helpers that use torch.nn.functional as F."""
