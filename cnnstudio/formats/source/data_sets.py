"""The shapes of the images of well-known data sets, which say the size of an input where nothing else does."""

from __future__ import annotations

import re

MNIST, CIFAR = (1, 28, 28), (3, 32, 32)
SHAPES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("mnist", "fashionmnist", "fashion_mnist", "kmnist", "emnist", "qmnist"), MNIST),
    **dict.fromkeys(("cifar10", "cifar100", "cifar", "svhn"), CIFAR),
    **dict.fromkeys(("imagenet", "imagenet1k", "imagenet2012"), (3, 224, 224)),
    "stl10": (3, 96, 96),
    "tinyimagenet": (3, 64, 64),
    "omniglot": (1, 105, 105),
    "usps": (1, 16, 16),
}
"""Channels, height and width by the name of the data set in small letters."""
CLASSES: dict[str, int] = {"cifar100": 100, "emnist": 47}


def classes_in(name: str) -> int | None:
    """The number of classes of a data set by its name; None for one that is not known."""
    small = name.lower()
    return CLASSES.get(small, 1000 if small.startswith("imagenet") else 10) if small in SHAPES else None


COUNTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("mnist", "fashion_mnist"), (60_000, 10_000)),
    **dict.fromkeys(("cifar10", "cifar100"), (50_000, 10_000)),
}
"""Images to train and to test with."""
_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def named_in(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The data sets that a text names, each once, in their order, and their shapes."""
    found: dict[str, tuple[int, ...]] = {}
    for word in _WORDS.findall(text):
        small = word.lower().replace("-", "_")
        if small in SHAPES:
            found.setdefault(small, SHAPES[small])
    return list(found.items())
