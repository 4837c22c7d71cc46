"""The meaning of the symbols in a working."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cnnstudio.core.arithmetic.derivation import Derived, Working
from cnnstudio.core.counting.quantities import QUANTITIES
from cnnstudio.core.network.layer import Layer

_OF_QUANTITIES = {name: words for quantity in QUANTITIES for name, words in quantity.symbols}
SYMBOL_WORDS = {
    **{name: words for name, words in _OF_QUANTITIES.items() if words},
    "C": "input channels",
    "C_i": "channels of input i",
    "D": "dilation",
    "E": "input elements",
    "F": "units",
    "G": "groups",
    "I": "input size",
    "K": "kernel size",
    "L": "connections between maps",
    "M": "depth multiplier",
    "N": "output channels",
    "steps": "steps of the sequence, at each of which the layer is applied",
    "O": "output size",
    "OP": "output padding",
    "F_-1": "units of the layer before",
    "P": "padding",
    "P_s": "pool size",
    "S": "stride",
    "T": "input elements that the output takes",
    "W": "weights",
    "X": "cropping",
    "e": "last input element that the output sees",
    "e_i": "last input element that the output sees through input i",
    "j_in": "stride of the receptive field, before this layer",
    "o_in": "offset of the receptive field, before this layer",
    "o_i": "offset of the receptive field of input i",
    "r": "scale",
    "s": "first input element that the output sees",
    "s_i": "first input element that the output sees through input i",
    "r_in": "receptive field, before this layer",
    "r_i": "receptive field of input i",
}
"""The meaning of every symbol, where a layer type does not give it another one."""
SPEAKING = frozenset({"start", "step", "stop", *(name for name, words in _OF_QUANTITIES.items() if not words)})
"""Symbols that are words themselves."""
_WORDS_OF_FIELD_WORKINGS = {"K": "input elements that the window spans"}
_WORDS_OF_DENSE = {"O": "size of the map that was flattened", "N": "channels of the map that was flattened"}


def legend(workings: Iterable[Working], layer: Layer) -> list[tuple[str, str]]:
    """Symbols and their words, `("K_h, K_w", "kernel size")`, in the order in which they turn up."""
    symbols: dict[str, list[str]] = {}
    for working in workings:
        known = _words(working, layer)
        for name in dict.fromkeys(_names(working.number)):
            words = known.get(_key(name, known))
            if words and name not in symbols.setdefault(words, []):
                symbols[words].append(name)
    return [(", ".join(names), words) for words, names in symbols.items()]


def _words(working: Working, layer: Layer) -> dict[str, str]:
    known = SYMBOL_WORDS | layer.symbols
    if working.key.startswith("receptive_field"):
        known |= _WORDS_OF_FIELD_WORKINGS
    if layer.type_name == "Dense" and working.key in ("weights", "parameters"):
        known |= _WORDS_OF_DENSE
    return known


def _key(name: str, known: dict[str, str]) -> str:
    """`K` for K_h, `C_i` for C_2."""
    numbered = re.sub(r"_\d+$", "_i", name)
    candidates = (name, numbered, name.rpartition("_")[0])
    return next((key for key in candidates if key in known), name.partition("_")[0])


def _names(number: int | None) -> Iterator[str]:
    """The symbols in the expression of a number, from left to right."""
    if not isinstance(number, Derived):
        return
    if not number.operator:
        yield number.name
    for operand in number.operands:
        yield from _names(operand)
