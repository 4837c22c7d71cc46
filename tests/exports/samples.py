"""Small designs that between them use every way of wiring: branches, blocks in blocks, repeats, several outputs."""

from __future__ import annotations

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats.builtin import open_design
from cnnstudio.formats.design_yaml import parse_design

BRANCHED = """
cnnstudio: 1
name: Two heads
layers:
- {type: Input, name: image, size: [17, 12], channels: 3}
- {type: Conv2D, name: conv-1, filters: 8, kernel_size: 3, stride: 2, padding: same, activation: relu}
- {type: AvgPool2D, name: 1×1, pool_size: 3, stride: 2, padding: [[0, 1], 1], count_padding: false, ceil_mode: true}
- {type: ConvTranspose2D, name: forward, filters: 8, kernel_size: 2, stride: 3, padding: same}
- {type: Crop, name: cut, cropping: [[0, 0], [3, 0]]}
- {type: AdaptiveAvgPool, name: adapt, output_size: [9, 6], inputs: [conv-1]}
- {type: Upsample, name: up, size: [15, 9], mode: bilinear, align_corners: true}
- {type: Concat, name: joined, inputs: [cut, up]}
- {type: BatchNorm, name: bn, center: false, epsilon: 0.001, trainable: false}
- {type: Output, name: map}
- {type: GlobalAvgPool, name: pool, inputs: [bn]}
- {type: Dense, name: fc, units: 5}
"""

NESTED = """
cnnstudio: 1
name: Nested blocks
layers:
- {type: Input, name: image, size: [16, 16], channels: 3}
- type: Block
  name: stage
  repeat: 3
  layers:
  - {type: Conv2D, name: conv, filters: 6, kernel_size: 3, padding: same}
  - type: Block
    name: inner
    repeat: 2
    layers:
    - {type: Conv2D, name: conv, filters: 6, kernel_size: 1}
    - {type: Add, name: sum, inputs: [conv, input]}
  - {type: Activation, name: act, function: leaky_relu, slope: 0.2}
- {type: Flatten, name: flat}
- {type: Dense, name: fc, units: 4}
"""

SHARED = """
cnnstudio: 1
name: Weights used again
layers:
- {type: Input, name: left, size: [9, 8], channels: 3}
- {type: Conv2D, name: conv, filters: 3, kernel_size: 3, padding: same, activation: relu}
- {type: BatchNorm, name: bn}
- {type: Input, name: right, size: [9, 8], channels: 3}
- {type: Conv2D, name: conv_again, shares: conv}
- {type: BatchNorm, name: bn_again, shares: bn}
- {type: Subtract, name: apart, inputs: [bn, bn_again]}
- type: Block
  name: stage
  repeat: 2
  layers:
  - {type: Conv2D, name: conv, filters: 3, kernel_size: 1}
  - {type: Conv2D, name: once_more, shares: stage/conv}
- {type: GlobalAvgPool, name: pool}
- {type: Dense, name: fc, units: 3}
- {type: Dense, name: fc_again, shares: fc}
"""

GATED = """
cnnstudio: 1
name: Gated
layers:
- {type: Input, name: image, size: [5, 7], channels: 3}
- {type: Conv2D, name: conv, filters: 6, kernel_size: 3, padding: 1}
- {type: GlobalAvgPool, name: squeeze}
- {type: Dense, name: excite, units: 6, activation: sigmoid}
- {type: Multiply, name: gate, inputs: [conv, excite]}
- {type: Maximum, name: most, inputs: [gate, excite]}
- {type: GlobalMaxPool, name: pool}
- {type: Dense, name: fc, units: 3}
"""


def analysis_of(source: str) -> Analysis:
    """A built-in design by its name, or the text of one, counted."""
    if "\n" not in source:
        return analyze(open_design(source).design)
    return analyze(parse_design(source).design)


SAMPLES = {
    "two-heads": BRANCHED,
    "nested": NESTED,
    "shared": SHARED,
    "resnet-18": "resnet-18",
    "lenet-5-modern": "lenet-5-modern",
}
"""Designs whose exports are kept as goldens, by name."""
