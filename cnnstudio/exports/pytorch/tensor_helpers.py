"""The few lines that PyTorch code needs for unusual layers: each is written only where it is used."""

from __future__ import annotations

_STANDARD = '''
class StandardConv{n}d(nn.Conv{n}d):
    """A convolution whose weights have mean 0 and deviation 1 in each filter."""

    def forward(self, x):
        axes = tuple(range(1, self.weight.dim()))
        variance, mean = torch.var_mean(self.weight, dim=axes, keepdim=True, unbiased=False)
        return self._conv_forward(x, (self.weight - mean) / torch.sqrt(variance + 1e-5), self.bias)
'''

HELPERS: dict[str, str] = {
    **{f"StandardConv{rank}d": _STANDARD.format(n=rank) for rank in (1, 2, 3)},
    "GlobalResponseNorm": '''
class GlobalResponseNorm(nn.Module):
    """Scales each channel by its length over the map, compared with the other channels' (ConvNeXt V2)."""

    def __init__(self, shape, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.zeros(shape))
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        lengths = torch.linalg.vector_norm(x, dim=tuple(range(2, x.dim())), keepdim=True) if x.dim() > 2 else x.abs()
        return self.weight * (x * lengths / (lengths.mean(dim=1, keepdim=True) + self.eps)) + self.bias + x
''',
    "LocallyConnected": '''
class LocallyConnected(nn.Module):
    """A convolution with kernels and biases of its own at each place."""

    def __init__(self, channels, filters, places, kernel_size, stride=None, dilation=None, bias=True):
        super().__init__()
        rank = len(kernel_size)
        self.kernel_size, self.places = kernel_size, places
        self.stride, self.dilation = stride or (1,) * rank, dilation or (1,) * rank
        taps = torch.Size(kernel_size).numel() * channels
        self.weight = nn.Parameter(torch.randn(torch.Size(places).numel(), taps, filters) * taps**-0.5)
        self.bias = nn.Parameter(torch.zeros(filters, *places)) if bias else None

    def forward(self, x):
        if x.dim() == 3:
            x = x.unsqueeze(2)
        lead = (1,) * (2 - len(self.places))
        columns = F.unfold(x, lead + self.kernel_size, lead + self.dilation, 0, lead + self.stride)
        x = torch.einsum("bkp,pkn->bnp", columns[..., : self.weight.shape[0]], self.weight).unflatten(-1, self.places)
        return x if self.bias is None else x + self.bias
''',
    "blur": '''
def blur(x, taps, stride):
    """A fixed filter, the same along each axis, over each channel."""
    rank, channels = x.dim() - 2, x.shape[1]
    kernel = torch.ones((), dtype=x.dtype, device=x.device)
    for _ in range(rank):
        kernel = kernel.unsqueeze(-1) * torch.tensor(taps, dtype=x.dtype, device=x.device)
    kernel = kernel.repeat(channels, 1, *[1] * rank)
    return (F.conv1d, F.conv2d, F.conv3d)[rank - 1](x, kernel, None, stride, 0, 1, channels)
''',
    "unpool": '''
def unpool(x, pooled, kernel_size, stride, size):
    """Each element where the maximum of its window was in the map that was pooled."""
    rank = x.dim() - 2
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
    places = pool(pooled, kernel_size, stride, return_indices=True)[1]
    return (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[rank - 1](x, places, kernel_size, stride, 0, size)
''',
}
"""Source text by key, in the order in which helpers stand in a file."""
USES_FUNCTIONS = ("LocallyConnected", "blur", "unpool")
"""The helpers that use torch.nn.functional as F."""
