"""The workspace that cuDNN takes for a convolution, for a moment, beside its tensors.

With 16 bits, on maps that are not channels-last: copies that are, of input, output and weights, with channels in
multiples of 8; it agrees with what was measured within a few MiB. With 32 bits (TF32 off) none is the low estimate, and
an FFT's the high one: its size is known, whether cuDNN takes it is not, and where memory is scarce PyTorch goes on with
another algorithm.
"""

from __future__ import annotations

from math import prod
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.network.step import Kernel

UNLIMITED: Final = 1 << 62
MAX_PARTIAL_SUMS: Final = 256 << 20
"""More bytes than that were never seen to be taken for sums of parts."""


class Workspace(Struct, frozen=True, gc=False):
    """Bytes for each example and bytes for the batch, by the low and by the high estimate.

    The high one is at most `limit`, and at least the low one.
    """

    each: int = 0
    fixed: int = 0
    high_each: int = 0
    high_fixed: int = 0
    limit: int = UNLIMITED

    def bounds(self, batch: int) -> tuple[int, int]:
        """The bytes by the low and by the high estimate."""
        low = self.each * batch + self.fixed
        return low, max(low, min(self.high_each * batch + self.high_fixed, self.limit))


NONE: Final = Workspace()


def workspace(kernel: Kernel, weights: int, *, half: bool) -> Workspace:
    """The workspace of a convolution and of its gradient by the input."""
    found = _of_one_step(kernel, weights, half=half)
    return structs.replace(found, each=kernel.steps * found.each, high_each=kernel.steps * found.high_each)


def _of_one_step(kernel: Kernel, weights: int, *, half: bool) -> Workspace:
    if half:
        return _copies(kernel, weights)
    if kernel.groups > 1 or max(kernel.window) < 3 or prod(kernel.stride) > 1:
        return NONE
    return _transformed(kernel, weights)


def weights_workspace(kernel: Kernel, weights: int, *, half: bool) -> Workspace:
    """The workspace of the gradient by the weights.

    With 16 bits that of a window of one element may be summed from a part for each example, of 4 bytes a weight.
    """
    found = workspace(kernel, weights, half=half)
    if half and kernel.is_pointwise and kernel.groups == 1:
        return Workspace(found.each, found.fixed, 4 * weights * kernel.steps, 0, MAX_PARTIAL_SUMS)
    return found


def _copies(kernel: Kernel, weights: int) -> Workspace:
    """Channels-last copies: 2 · (n′ + m′ + w′) bytes, channels rounded up to a multiple of 8."""
    small = kernel.channels <= 4 and max(kernel.window) <= 3
    if kernel.is_product or kernel.is_depthwise or small:
        return NONE
    channels, filters = _eights(kernel.channels), _eights(kernel.filters)
    each = 2 * (channels * prod(kernel.sizes) + filters * prod(kernel.outputs))
    fixed = 2 * weights * channels * filters // (kernel.channels * kernel.filters)
    return Workspace(each, fixed, each, fixed)


def _eights(channels: int) -> int:
    return -(-channels // 8) * 8


def _transformed(kernel: Kernel, weights: int) -> Workspace:
    """An FFT's: 2 · F · C · K + F · N · (C + K) + 4 · w bytes, where F are those of a plane of powers of two."""
    sizes = [1 << (size + reach - 2).bit_length() for size, reach in zip(kernel.sizes, kernel.window, strict=True)]
    plane = 8 * prod(sizes[:-1]) * (sizes[-1] // 2 + 1)
    channels, filters = kernel.channels, kernel.filters
    return Workspace(0, 0, plane * (channels + filters), 2 * plane * channels * filters + 4 * weights)
