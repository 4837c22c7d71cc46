"""SVG, read back by a reader of XML."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

SVG: Final = "{http://www.w3.org/2000/svg}"
"""The namespace before the names of elements."""


def texts(svg: str) -> list[str]:
    """The texts of a file in their order."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
