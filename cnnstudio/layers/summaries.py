"""Hyperparameters in short, for the summaries of layers."""

from __future__ import annotations

from cnnstudio.core.arithmetic.shape import Padding, per_axis


def brief_sizes(sizes: int | tuple[int, ...], rank: int) -> str:
    """`3×3`, for summaries."""
    return "×".join(str(size) for size in per_axis(sizes, rank))


def brief_stride(stride: int | tuple[int, ...]) -> str:
    """`2`, or `2×1` where the axes differ."""
    return "×".join(map(str, stride)) if isinstance(stride, tuple) else str(stride)


def brief_padding(padding: Padding) -> str:
    """`same`, `pad 1`, `pad 0:1, 0:1`; nothing for no padding."""
    if padding in ("valid", 0):
        return ""
    if isinstance(padding, tuple):
        return "pad " + ", ".join(str(pad) if isinstance(pad, int) else f"{pad[0]}:{pad[1]}" for pad in padding)
    return padding if isinstance(padding, str) else f"pad {padding}"
