"""A typed line taken apart: into what stands between commas, and that into words."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SAID_OF = re.compile(
    r"\s*(?:with\s+)?(?:strides?|padding|dilation|groups?|kernel|kernel[_ ]size|filters|units|rate|same|valid"
    r"|[ksp][0-9]+|no[- ]?bias|without bias|activation)\b(?!\s*\()",
    re.IGNORECASE,
)
"""Words after a comma that belong to the layer before it."""


def parts_of(text: str) -> list[str]:
    """The text between commas, of which those in brackets are none; numbers alone belong to what stands before them."""
    parts: list[str] = []
    for part in _pieces(text):
        if parts and (re.fullmatch(r"[\s/0-9x×.%]+", part) or _SAID_OF.match(part)):
            # As papers write it: "3x3 conv, 64, stride 2".
            parts[-1] += f" {part}"
        else:
            parts.append(part)
    return parts


def _pieces(text: str) -> Iterator[str]:
    depth, begin = 0, 0
    for match in re.finditer(r"[\[(]|[\])]|,|;|→|->|\||\s\+\s", text):
        sign = match[0]
        depth = max(0, depth + (sign in "([") - (sign in ")]"))
        if not depth and sign not in "()[]":
            yield text[begin : match.start()]
            begin = match.end()
    yield text[begin:]


def tokens_of(text: str) -> list[str]:
    """The words: `7 x 7` is one, as are `units = 10` and a list in brackets."""
    text = re.sub(r"\b([a-z]+)(\d+)-(\d+)\b", r"\1 \2x\2 \3", text)  # conv3-64, as the VGG paper writes it
    text = re.sub(r"\b(fc|dense|linear|conv|lstm|gru)(?:-(\d+)|(\d\d+))\b", r"\1 \2\3", text, flags=re.I)  # FC-4096
    text = re.sub(r"\b([A-Za-z]{2,})(\d+[x×]\d+)\b", r"\1 \2", text)  # conv3x3
    text = re.sub(r"(?<=\d)@(?=\d+[x×]\d)", " ", text)  # 64@3x3
    text = re.sub(r"(?<=\d)(?: [x×*] |[×*])(?=\d)", "x", text)
    text = re.sub(r"\s*([=:])\s*", r"\1", text)
    text = re.sub(r"\s*/\s*(?=\d)", " /", text)
    return re.findall(r"\S*\[[^\]]*\]|\S+", text)
