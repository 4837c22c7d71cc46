"""The few lines that PyTorch code needs where PyTorch has no module: each is written only where it is used."""

from __future__ import annotations

from cnnstudio.exports.pytorch import attention_helpers, tensor_helpers
from cnnstudio.exports.source.saying import AT_EACH_STEP

HELPERS: dict[str, str] = (
    {
        AT_EACH_STEP: '''
def at_each_step(function, *inputs, axes=1):
    """Applies a function at each step along the first axes behind the channels, as if the steps were examples."""
    first = [x.movedim(1, 1 + axes) for x in inputs]
    steps = first[0].shape[1 : 1 + axes]
    given = function(*[x.flatten(0, axes) for x in first])
    results = [x.unflatten(0, (-1, *steps)).movedim(1 + axes, 1) for x in (given if type(given) is tuple else [given])]
    return tuple(results) if type(given) is tuple else results[0]
''',
        "average_pool": '''
def average_pool(x, kernel, stride, padding, counted):
    """Averages over windows of a map padded by `padding`; of that, only `counted` takes part in the averages.

    Both are as F.pad takes them. What is not counted is left out of the divisor too.
    """
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3]
    rest = [total - part for total, part in zip(padding, counted)]
    ones = F.pad(F.pad(torch.ones_like(x[:1, :1]), counted, value=1.0), rest)
    return pool(F.pad(x, padding), kernel, stride) / pool(ones, kernel, stride)
''',
        "Affine": '''
class Affine(nn.Module):
    """Multiplies by a learned scale and adds a learned shift, each of the given shape, if it is wanted."""

    def __init__(self, shape, scale=True, shift=True):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape)) if scale else None
        self.bias = nn.Parameter(torch.zeros(shape)) if shift else None

    def forward(self, x):
        if self.weight is not None:
            x = x * self.weight
        return x if self.bias is None else x + self.bias
''',
        "Subsampling": '''
class Subsampling(nn.Module):
    """LeNet-5's pooling: the sum of each window, times a learned coefficient, plus a learned bias, for each map."""

    def __init__(self, channels, kernel_size, stride):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x):
        sums = F.avg_pool2d(x, self.kernel_size, self.stride, divisor_override=1)
        return sums * self.weight + self.bias
''',
        "PartialConv2d": '''
class PartialConv2d(nn.Module):
    """A convolution in which each filter sees only some of the input channels, as LeNet-5's C3."""

    def __init__(self, connections, kernel_size, **options):
        super().__init__()
        self.connections = connections
        self.filters = nn.ModuleList(nn.Conv2d(len(seen), 1, kernel_size, **options) for seen in connections)

    def forward(self, x):
        return torch.cat([conv(x[:, list(seen)]) for conv, seen in zip(self.filters, self.connections)], dim=1)
''',
        "ConvLSTM": '''
class ConvLSTM(nn.Module):
    """An LSTM whose products are convolutions, over the steps along the first axis of a map; with its last states.

    `pads` are those of the maps that are read, as F.pad takes them; `functions` are of the gates and of the state.
    """

    def __init__(self, channels, filters, kernel, functions, stride=1, dilation=1, pads=(), bias=True, sequences=False):
        super().__init__()
        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(kernel) - 1]
        self.input = conv(channels, 4 * filters, kernel, stride, dilation=dilation, bias=bias)
        self.state = conv(filters, 4 * filters, kernel, padding="same", bias=False)
        self.gate, self.function = (getattr(torch, name) for name in functions)
        self.pads, self.sequences = pads, sequences

    def forward(self, x, state=None, cell=None):
        steps = []
        for step in x.unbind(2):
            gates = self.input(F.pad(step, self.pads) if self.pads else step)
            if state is None:
                cell = state = torch.zeros_like(gates.chunk(4, 1)[0])
            elif not steps:
                # As autocast has the first states of nn.LSTM.
                state, cell = state.to(gates.dtype), cell.to(gates.dtype)
            enter, keep, new, leave = (gates + self.state(state)).chunk(4, 1)
            cell = self.gate(keep) * cell + self.gate(enter) * self.function(new)
            state = self.gate(leave) * self.function(cell)
            steps.append(state)
        return torch.stack(steps, 2) if self.sequences else state, state, cell
''',
        "DataNorm": '''
class DataNorm(nn.Module):
    """Subtracts the data's mean and divides by its deviation, channel by channel: set `mean` and `variance`."""

    def __init__(self, shape, stored=True):
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape), persistent=stored)
        self.register_buffer("variance", torch.ones(shape), persistent=stored)
        if stored:
            self.register_buffer("count", torch.zeros(()))

    def forward(self, x):
        return (x - self.mean) / torch.sqrt(self.variance).clamp(min=1e-7)
''',
        "ElementPReLU": '''
class ElementPReLU(nn.Module):
    """ReLU with a learned slope for negative inputs, one for each element."""

    def __init__(self, shape):
        super().__init__()
        self.weight = nn.Parameter(torch.full(shape, 0.25))

    def forward(self, x):
        return torch.where(x >= 0, x, x * self.weight)
''',
        "DropPath": '''
class DropPath(nn.Module):
    """Drops the whole branch of an example in training (stochastic depth), and makes up for it by scaling."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        kept = torch.empty([x.shape[0]] + [1] * (x.dim() - 1), dtype=x.dtype, device=x.device)
        return x * kept.bernoulli_(1 - self.rate).div_(1 - self.rate)
''',
        "shuffle_out": '''
def shuffle_out(x, scale):
    """Moves scale ** n channels into the n spatial axes, as nn.PixelShuffle does for two."""
    n, batch, channels, sizes = x.dim() - 2, x.shape[0], x.shape[1], x.shape[2:]
    x = x.reshape(batch, channels // scale**n, *[scale] * n, *sizes)
    order = [axis for i in range(n) for axis in (2 + n + i, 2 + i)]
    return x.permute(0, 1, *order).reshape(batch, channels // scale**n, *[size * scale for size in sizes])
''',
        "shuffle_in": '''
def shuffle_in(x, scale):
    """Moves scale ** n neighbours along the n spatial axes into channels, as nn.PixelUnshuffle does for two."""
    n, batch, channels, sizes = x.dim() - 2, x.shape[0], x.shape[1], x.shape[2:]
    x = x.reshape(batch, channels, *[part for size in sizes for part in (size // scale, scale)])
    order = [*range(3, 3 + 2 * n, 2), *range(2, 2 + 2 * n, 2)]
    return x.permute(0, 1, *order).reshape(batch, channels * scale**n, *[size // scale for size in sizes])
''',
    }
    | attention_helpers.HELPERS
    | tensor_helpers.HELPERS
)
"""Source text by key, in the order in which helpers stand in a file."""
USES_FUNCTIONS = (
    "average_pool",
    "Subsampling",
    "ConvLSTM",
    *attention_helpers.USES_FUNCTIONS,
    *tensor_helpers.USES_FUNCTIONS,
)
"""The helpers that use torch.nn.functional as F."""
