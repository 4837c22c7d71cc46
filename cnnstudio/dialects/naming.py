"""The meaning of a name that people know from elsewhere: which layer type, field or function it is here.

Everything that understands or suggests names reads this: the faults of a design file, the search of the palette, quick
add, and fields that are typed. A wrong suggestion is worse than none, so near misses have to be near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final, get_args

from msgspec import Struct

from cnnstudio.core.network.design import Block
from cnnstudio.core.network.field_text import parse_field
from cnnstudio.core.network.fields import Field, fields_of
from cnnstudio.core.network.layer import Activate
from cnnstudio.dialects import DIALECTS, everyday
from cnnstudio.dialects.dialect import Argument, Dialect, letters
from cnnstudio.layers import LAYER_TYPES, PALETTE

_CLOSE: Final = 0.75
"""The likeness from which a word counts as a misspelling of another."""
_SHORT: Final = 4
_LONG: Final = 7
"""The length from which two letters of a name may be wrong, added, left out or exchanged, instead of one."""
_MAX_LENGTH: Final = 60
"""No longer word is a misspelt name."""
FUNCTIONS: Final[tuple[str, ...]] = get_args(Activate)


_STEMS: Final[dict[str, str]] = {letters(name[:-2]): name for name in LAYER_TYPES if name.endswith("2D")}
"""Types along two axes by their names without the number: `avgpool`, which is also Darknet's for a global pool."""


class Meaning(Struct, frozen=True):
    """A layer type by the name of another framework: `dialect` is its title, empty where the name is everybody's.

    `implied` are field values that the name says as well: `ReLU` is an Activation whose function is relu. `unstated`
    are those that the framework takes where they are left out, and that are others here.
    """

    layer: str
    dialect: str
    name: str
    implied: tuple[tuple[str, Any], ...] = ()
    unstated: tuple[tuple[str, Any], ...] = ()

    @property
    def told(self) -> tuple[tuple[str, Any], ...]:
        """The fields that the name says besides the type, without those that a layer has so by itself."""
        return tuple((field, value) for field, value in self.implied if _differs(self.layer, field, value))

    @property
    def function(self) -> str:
        """The activation function that the name is; empty if it is another layer."""
        return str(dict(self.implied).get("function", "")) if self.layer == "Activation" else ""


def layers_meant(name: str) -> list[Meaning]:
    """The layer types that a foreign name stands for, each once, the usual one first; none for an unknown name."""
    # What people paste has a module before it, such as `nn.` or `tf.keras.layers.`.
    bare = name.strip().rpartition(".")[2]
    exact = _once(meaning for dialect in DIALECTS.values() for meaning in _exactly(dialect, bare))
    found = _usual_first(exact) or list(_by_letters().get(letters(bare), ()) or _whatever_the_axes(bare))
    own = _STEMS.get(letters(bare)) or _own().get(letters(bare))
    return (
        _once([Meaning(own, "", name), *found]) if own else found or list(_by_letters().get(f"{letters(bare)}2d", ()))
    )


def _whatever_the_axes(name: str) -> list[Meaning]:
    """The layer type that a name with a number of axes stands for where there is one type for all of them."""
    stem = re.fullmatch(r"(.+)([123])d", letters(name))
    if stem is None or is_without_type(name):
        return []
    own = _own().get(stem[1])
    found = [own] if own else [meaning.layer for meaning in _by_letters().get(stem[1], ())]
    ranked = [f"{layer[:-2]}{stem[2]}D" if layer.endswith("2D") else layer for layer in found]
    return [Meaning(layer, "", name) for layer in ranked if layer in LAYER_TYPES]


@cache
def _own() -> dict[str, str]:
    return {letters(name): name for name in LAYER_TYPES}


def is_without_type(name: str) -> list[str]:
    """The titles of the frameworks that have a layer of this name for which there is no type here."""
    bare = letters(name.strip().rpartition(".")[2])
    return [dialect.title for dialect in DIALECTS.values() if bare in _absent(dialect.key)]


def function_meant(name: str) -> str:
    """The activation function that a name of any framework stands for; empty if it is none."""
    return _functions().get(letters(name.strip().rpartition(".")[2]), "")


def field_meant(layer: str, name: str) -> str:
    """The field of a layer type that an argument of any framework states; empty if it states none."""
    return _arguments(layer).get(letters(name), "")


def follows_from_input(layer: str, name: str) -> bool:
    """True for an argument that states what the input says already, such as PyTorch's `in_channels`."""
    return letters(name) in _facts(layer)


def changes_nothing(name: str) -> bool:
    """True for an argument that changes neither shapes nor counts, such as an initializer."""
    return any(letters(name) in map(letters, dialect.harmless) for dialect in DIALECTS.values())


def parse_typed(field: Field, text: str) -> Any:
    """The value that a typed text means for a field, functions by any name; ValueError with one sentence if none."""
    if "relu" not in field.choices:
        return parse_field(field, text)
    return parse_field(field, function_meant(text) or text, _function_hint)


def _function_hint(text: str, _choices: list[str]) -> str:
    near = "" if is_without_type(text) else nearest_function(text)
    return f" Did you mean '{near}'?" if near else ""


def nearest_layers(name: str) -> list[str]:
    """The layer types that a misspelt name may stand for, by the nearest name of ours or another framework's."""
    # Of three letters nearly every word is near to the name of some layer.
    if len(letters(name)) < _SHORT:
        return []
    found = nearest(name, [*LAYER_TYPES, "Block", *(word for word in _by_letters() if len(word) > 3)])
    if not found:
        return []
    known = {letters(type_name): type_name for type_name in (*LAYER_TYPES, "Block")}
    ours = known.get(letters(found))
    return [ours] if ours else [meaning.layer for meaning in layers_meant(found)]


def nearest_function(name: str) -> str:
    """The function of which a word is a misspelling; empty if it is of none."""
    found = nearest(name, [*FUNCTIONS, *_functions()])
    return found if found in FUNCTIONS else function_meant(found)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that is nearest to a misspelt one; empty if none is near, or if their digits differ."""
    from difflib import get_close_matches  # only wanted where something is wrong

    bare = _telling(letters(word))
    digits = _digits(bare)
    # The digits must agree: `conv1d` is nearer to `conv2d` than to any other word, and would be wrong.
    names = {_telling(letters(name)): name for name in reversed(list(known)) if _digits(name) == digits}
    found = get_close_matches(bare, names, n=4, cutoff=_CLOSE) if len(bare) <= _MAX_LENGTH else []
    return next((names[name] for name in found if _is_misspelt(bare, name)), "")


def _is_misspelt(word: str, meant: str) -> bool:
    """True if few letters of a word are wrong: names that are alike, as those of layers are, mean unlike things."""
    most = 1 if len(word) < _LONG else 2
    if word[:1] != meant[:1] or abs(len(word) - len(meant)) > most:
        return False
    rows = [list(range(len(meant) + 1))]
    for at, letter in enumerate(word, 1):
        row = [at]
        for to, wanted in enumerate(meant, 1):
            cost = min(rows[-1][to] + 1, row[to - 1] + 1, rows[-1][to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == meant[to - 2] and wanted == word[at - 2]:
                cost = min(cost, rows[-2][to - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1] <= most


def other_names(layer: str) -> tuple[str, ...]:
    """Every name, by its letters, that leads to a layer type."""
    return tuple([word for word, meanings in _by_letters().items() if any(found.layer == layer for found in meanings)])


def function_names() -> tuple[str, ...]:
    """Every name, by its letters, of an activation function."""
    return tuple(_functions())


def without_type() -> tuple[str, ...]:
    """Every name, by its letters, of a layer for which there is no type here."""
    return tuple(dict.fromkeys(name for key in DIALECTS for name in sorted(_absent(key))))


def _telling(word: str) -> str:
    """A name without the ending that every layer of MATLAB has: by that alone `Layer` is near to `gruLayer`."""
    return word.removesuffix("layer") or word


def _digits(word: str) -> str:
    return "".join(re.findall(r"[0-9]", word))


def _once(meanings: Iterable[Meaning]) -> list[Meaning]:
    """The first meaning for each layer type and function."""
    return list({(found.layer, found.function): found for found in reversed(list(meanings))}.values())[::-1]


def _exactly(dialect: Dialect, name: str) -> Iterator[Meaning]:
    more = dialect.other_implied.get(name, ())
    for spelling in dialect.by_name.get(name, ()):
        unstated = tuple((field, value) for field, value in spelling.unstated if _differs(spelling.layer, field, value))
        yield Meaning(spelling.layer, dialect.title, name, (*spelling.implied, *more), unstated)
    for layer in dialect.other_layers.get(name, ()):
        implied = tuple((field, value) for field, value in more if _differs(layer, field, value))
        yield Meaning(layer, dialect.title, name, implied)


def _differs(layer: str, name: str, value: Any) -> bool:
    """True if a type has this field, and another value in it unless that is stated."""
    fields = fields_of(LAYER_TYPES.get(layer, Block))
    return any(field.name == name and field.default != value for field in fields)


@cache
def _by_letters() -> dict[str, tuple[Meaning, ...]]:
    """The meanings of every name by its letters, everyday words for what no framework says."""
    known: dict[str, list[Meaning]] = {}
    for dialect in DIALECTS.values():
        for name in (*dialect.by_name, *dialect.other_layers):
            known.setdefault(letters(name), []).extend(_exactly(dialect, name))
    for name, layers in everyday.LAYERS.items():
        known.setdefault(letters(name), [Meaning(layer, "", name) for layer in layers])
    for name, (layer, field, value) in everyday.IMPLIED.items():
        known.setdefault(letters(name), [Meaning(layer, "", name, ((field, value),))])
    return {name: tuple(_usual_first(_once(meanings))) for name, meanings in known.items()}


def _usual_first(meanings: list[Meaning]) -> list[Meaning]:
    """Two axes before one and three, where one name serves them all: the palette's order."""
    order = {layer_type.__name__: place for place, layer_type in enumerate(PALETTE)}
    stems = {re.sub(r"[123]D$", "", found.layer) for found in meanings}
    return sorted(meanings, key=lambda found: order.get(found.layer, -1)) if len(stems) == 1 else meanings


@cache
def _absent(key: str) -> frozenset[str]:
    return frozenset(map(letters, DIALECTS[key].absent)) - set(map(letters, LAYER_TYPES))


@cache
def _functions() -> dict[str, str]:
    known = {letters(name): name for name in FUNCTIONS}
    for dialect in DIALECTS.values():
        for ours, foreign in dialect.functions.items():
            known.setdefault(letters(foreign), ours)
        for foreign, ours in dialect.other_functions.items():
            known.setdefault(letters(foreign), ours)
        for name, spellings in dialect.by_name.items():
            for spelling in spellings:
                if spelling.layer == "Activation" and dict(spelling.implied).get("function"):
                    known.setdefault(letters(name), str(dict(spelling.implied)["function"]))
    for name, ours in everyday.FUNCTIONS.items():
        known.setdefault(letters(name), ours)
    return known


@cache
def _arguments(layer: str) -> dict[str, str]:
    """The fields of a layer type by the letters of their names everywhere."""
    fields = {field.name for field in fields_of(LAYER_TYPES[layer])}
    known = {letters(name): name for name in fields}
    for names, field in _said(layer):
        for name in names:
            if field in fields:
                known.setdefault(letters(name), field)
    return known


def _said(layer: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names of arguments with the field they state: those of this layer type first, then what any layer calls so."""
    for dialect in DIALECTS.values():
        for item in _arguments_in(dialect, layer):
            if item.field:
                yield (item.name, *item.aliases), item.field
    for dialect in DIALECTS.values():
        yield from (((name,), field) for name, field in dialect.other_arguments.items())
    yield from (((name,), field) for name, field in everyday.FIELDS.items())
    # A depthwise or separable layer that a framework composes has the arguments of the layers it is composed of.
    for dialect in DIALECTS.values():
        for spelling in dialect.spellings:
            if _is_alike(spelling.layer, layer):
                yield from (((item.name, *item.aliases), item.field) for item in spelling.arguments if item.field)


def _is_alike(other: str, layer: str) -> bool:
    return LAYER_TYPES[other].family == LAYER_TYPES[layer].family


def _arguments_in(dialect: Dialect, layer: str) -> Iterator[Argument]:
    for spelling in dialect.spellings:
        if spelling.layer == layer:
            yield from spelling.arguments


@cache
def _facts(layer: str) -> frozenset[str]:
    """The letters of arguments that state sizes of the input; every layer of Keras may state them."""
    facts = {"inputshape", "batchinputshape", "inputdim", "inputlength", "dataformat", "dimordering", "inchannels"}
    for dialect in DIALECTS.values():
        for item in _arguments_in(dialect, layer):
            if item.fact in _ABOUT_INPUT:
                facts |= {letters(name) for name in (item.name, *item.aliases)}
    return frozenset(facts)


_ABOUT_INPUT: Final = ("channels", "features", "normalized", "data_format", "inputs")
