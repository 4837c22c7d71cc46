"""Names that Python takes, made of names as people give them."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable


def identifier(name: str, first: str = "layer") -> str:
    """The name as an identifier: `Conv-1` becomes `Conv_1`, `1×1` `layer_1_1`."""
    text = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name)).strip("_")
    if not text:
        return first
    return text if text.isidentifier() and not keyword.iskeyword(text) else f"{first}_{text}"


def class_name(name: str, first: str = "Net") -> str:
    """The name as that of a class: `ResNet-50` becomes `ResNet50`, `conv2_x` `Conv2X`."""
    words = re.split(r"[\W_]+", unicodedata.normalize("NFKC", name))
    text = "".join([word[0].upper() + word[1:] for word in words if word])
    return text if text.isidentifier() and not keyword.iskeyword(text) else f"{first}{text}"


class Names:
    """Names of one scope, each given once."""

    def __init__(self, reserved: Iterable[str] = (), between: str = "_") -> None:
        self.taken = set(reserved)
        self._between = between

    def give(self, wanted: str) -> str:
        """The name, or the first with a number after it that is free."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}{self._between}{number}"
        self.taken.add(name)
        return name
