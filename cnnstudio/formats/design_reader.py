"""Turns the YAML of a design into the design, and gathers all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any, ClassVar

import msgspec
from msgspec import Struct, structs

from cnnstudio.core.budgets.condition import condition_from
from cnnstudio.core.network.bounds import excess
from cnnstudio.core.network.comments import Comments
from cnnstudio.core.network.design import Block, Design, Fault, Item, path_text, structure_faults, with_names
from cnnstudio.core.network.field_check import convert_value
from cnnstudio.core.network.fields import Field, fields_of, struct_in
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.fault import MAX_FAULTS, FileError, FileFault, brief
from cnnstudio.formats.migration import Migration
from cnnstudio.formats.sharing import TooMuchShared, fill
from cnnstudio.formats.yaml.comments import find_comments
from cnnstudio.formats.yaml.events import ParsedFile, UnsafeYaml, build
from cnnstudio.formats.yaml.places import Path, deepest, find_places
from cnnstudio.layers import LAYER_TYPES

MAX_EXPLAINED = 200
"""Faults that come with a hint, and faults of connections that are listed: near misses cost time to find."""

_KINDS = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
_EXAMPLES = {"sizes": "an integer or a list", "integer": "a whole number"}


class _StandIn(Layer, frozen=True, kw_only=True):
    """A stand-in for a faulty item while the connections of the others are checked."""

    min_inputs: ClassVar[int] = 0
    max_inputs: ClassVar[int | None] = None

    stands_for: str = "Layer"

    @property
    def type_name(self) -> str:
        """The type it stands for, so that the layers without a name are counted as they will be."""
        return self.stands_for


def _stand_in(entry: dict[str, Any]) -> _StandIn:
    name, inputs, type_name = entry.get("name"), entry.get("inputs"), entry.get("type")
    # What can be read of its connections still counts, or the layers around it would be reported too.
    names = tuple(text for text in inputs if isinstance(text, str)) if isinstance(inputs, list) else ()
    stands_for = type_name if isinstance(type_name, str) and type_name in LAYER_TYPES else "Layer"
    return _StandIn(name=name if isinstance(name, str) else "", inputs=names, stands_for=stands_for)


class DesignReader:
    """Reads one text, once. FileError carries every fault that was found, each with its line and column."""

    def __init__(self, text: str, source: str, migrations: Sequence[Migration]) -> None:
        self.text = text
        self.source = source
        self.migrations = migrations
        self.document = ParsedFile(None, {}, [])
        self.found: list[tuple[Path, str]] = []
        self.entries: list[Any] = []

    def read_design(self) -> Design:
        """The text as a design."""
        self._build()
        top = self._migrated(self._top())
        self._fill(top.get("layers"))
        values = self._values(top, Design, (), "the design", "cnnstudio")
        self.entries = top.get("layers", [])
        # Even where fields are wrong: one look at a file is to tell of all its faults and not only of the first.
        design = Design(**values, layers=self._inner(top, (), ""))
        self._check_structure(design.layers)
        self._check_budgets(design.budgets)
        self._stop_at_faults()
        comments = self._comments()
        if not comments:
            return design
        said = comments.get(self.document.index_of(self.document.value), ())
        return structs.replace(design, layers=self._commented(design.layers, self.entries, comments), comments=said)

    def read_items(self) -> tuple[Item, ...]:
        """The text as a list of items, as one item, or as a whole design of which the items are wanted.

        Raises FileError if it is neither.
        """
        self._build()
        value = self.document.value
        if isinstance(value, dict) and "cnnstudio" in value:
            return self.read_design().layers
        if not isinstance(value, (dict, list)) or not value:
            raise FileError(self.source, [FileFault(0, 0, "is not a list of layers.")])
        if isinstance(value, list):
            self._fill(value)
            items = self._items(value, (), "")
        else:
            items = with_names((self._item(value, (), "layers[0]"),))
        self._check_structure(items, are_whole=False)
        self._stop_at_faults()
        return self._commented(items, value if isinstance(value, list) else [value], self._comments())

    def lines_of(self, design: Design) -> dict[str, int]:
        """The line of each item that `read_design` has returned, by its place: `stage2/conv1`."""
        lines: dict[str, int] = {}
        self._add_lines(design.layers, self.entries, (), lines)
        return lines

    def _add_lines(
        self, items: tuple[Item, ...], entries: list[Any], within: tuple[str, ...], lines: dict[str, int]
    ) -> None:
        for item, entry in zip(items, entries, strict=True):
            path = (*within, item.name)
            line = self.document.line_of(entry)
            if line is not None:
                lines[path_text(path)] = line
            if isinstance(item, Block):
                self._add_lines(item.layers, entry["layers"], path, lines)

    # Comments

    def _comments(self) -> dict[int, Comments]:
        """The comments of the text, by where the mapping begins that they belong to."""
        try:
            return find_comments(self.text)
        except UnsafeYaml as error:
            raise FileError(self.source, [error.fault]) from None

    def _commented(
        self, items: tuple[Item, ...], entries: list[Any], comments: dict[int, Comments]
    ) -> tuple[Item, ...]:
        """The items with the comments that stand at them in the file."""
        return tuple(self._item_commented(*pair, comments) for pair in zip(items, entries, strict=True))

    def _item_commented(self, item: Item, entry: Any, comments: dict[int, Comments]) -> Item:
        if isinstance(item, Block):
            item = structs.replace(item, layers=self._commented(item.layers, entry["layers"], comments))
        said = comments.get(self.document.index_of(entry))
        return structs.replace(item, comments=said) if said else item

    # What is wrong

    def _fault(self, path: Path, sentence: str) -> None:
        self.found.append((path, sentence if sentence.endswith((".", "?")) else sentence + "."))
        if len(self.found) >= MAX_FAULTS:
            self._stop_at_faults()

    def _hint(self, word: Any, kind: type[Struct] | None = None, known: Sequence[str] = ()) -> str:
        """` Did you mean 'Conv2D'?` for an unknown layer type, or for an unknown field of a kind of item."""
        # A file with a thousand misspelt words would take seconds to explain, and nobody reads that far.
        if not isinstance(word, str) or len(self.found) >= MAX_EXPLAINED:
            return ""
        from cnnstudio.formats.name_hints import field_hint, type_hint  # the tables are wanted where something is wrong

        return type_hint(word) if kind is None else field_hint(kind.__name__, word, known)

    def _stop_at_faults(self) -> None:
        if self.found or self.document.faults:
            places = find_places(self.text, [path for path, _ in self.found])
            faults = [FileFault(*deepest(places, path), sentence) for path, sentence in self.found]
            raise FileError(self.source, faults + self.document.faults)

    # The file as a whole

    def _build(self) -> None:
        try:
            self.document = build(self.text)
        except UnsafeYaml as error:
            raise FileError(self.source, [error.fault]) from None

    def _top(self) -> dict[str, Any]:
        value = self.document.value
        if value is None:
            raise FileError(self.source, [FileFault(0, 0, "is empty; a design begins with 'cnnstudio: 1'.")])
        if not isinstance(value, dict) or "cnnstudio" not in value:
            self._fault((), "is not a design: a design is a mapping that begins with 'cnnstudio: 1'")
            self._stop_at_faults()
        top: dict[str, Any] = value
        return top

    def _migrated(self, top: dict[str, Any]) -> dict[str, Any]:
        """The top mapping without the version, as the current version has it."""
        version, current = top.pop("cnnstudio"), len(self.migrations) + 1
        # By its very type: `true` is an int in Python.
        if type(version) is not int or version < 1:
            received = _quoted(version)
            self._fault(("cnnstudio",), f"the format version must be a whole number from 1, and received {received}")
        elif version > current:
            newer = f"this file has format version {brief(str(version))}, and this program reads up to {current}"
            self._fault(("cnnstudio",), f"{newer}; open it with a newer CNN Studio")
            self._stop_at_faults()
        else:
            for migrate in self.migrations[version - 1 :]:
                top = migrate(top)
        return top

    def _fill(self, entries: Any) -> None:
        """Fills in what items that share weights leave out."""
        try:
            fill(entries)
        except TooMuchShared as error:
            raise FileError(self.source, [FileFault(0, 0, f"{error}; share less.")]) from None

    # Items

    def _inner(self, entry: dict[str, Any], path: Path, where: str) -> tuple[Item, ...]:
        """The items of a design or a block; where there is no list of them, one that stands for all."""
        value, path = entry.get("layers"), (*path, "layers")
        if isinstance(value, list):
            return self._items(value, path, where)
        if "layers" in entry:
            self._fault(path, f"{where + ': ' if where else ''}layers must be a list, and received {_kind(value)}")
        return (_StandIn(name="layer"),)

    def _items(self, entries: list[Any], path: Path, where: str) -> tuple[Item, ...]:
        place = f"{where}, layers" if where else "layers"
        return with_names(tuple(self._item(entry, (*path, i), f"{place}[{i}]") for i, entry in enumerate(entries)))

    def _item(self, entry: Any, path: Path, where: str) -> Item:
        if not isinstance(entry, dict):
            self._fault(path, f"{where}: a layer is a mapping such as {{type: Flatten}}, and received {_kind(entry)}")
            return _StandIn()
        name, type_name = entry.get("name"), entry.get("type")
        where = f"{where} '{brief(name)}'" if isinstance(name, str) and name else where
        if type_name == "Block":
            return self._block(entry, path, where)
        layer_type = LAYER_TYPES.get(type_name) if isinstance(type_name, str) else None
        if layer_type is None:
            self._unknown_type(type_name, path, where)
            return _stand_in(entry)
        values = _without_type(entry)
        # They are in the value and not among the fields of a file, which is looked at in parts then.
        if "comments" in values:
            self._explain(values, layer_type, path, where, ValueError())
            return _stand_in(entry)
        try:
            return msgspec.convert(values, layer_type)
        # First all at once, which is quick and succeeds for nearly every layer; only a faulty one is taken apart.
        except (msgspec.ValidationError, OverflowError) as error:
            self._explain(values, layer_type, path, where, error)
            return _stand_in(entry)

    def _block(self, entry: dict[str, Any], path: Path, where: str) -> Block:
        values = self._values(_without_type(entry), Block, path, where)
        return Block(**values, layers=self._inner(entry, path, where))

    def _unknown_type(self, type_name: Any, path: Path, where: str) -> None:
        if type_name is None:
            self._fault(path, f"{where}: a layer needs a type, such as {{type: Conv2D}}")
            return
        path = (*path, "type")
        if not isinstance(type_name, str):
            self._fault(path, f"{where}: type must be the name of a layer type, and received {_kind(type_name)}")
            return
        hint = self._hint(type_name)
        self._fault(path, f"{where}: there is no layer type '{brief(type_name)}'.{hint}")

    # Fields

    def _values(
        self, given: dict[str, Any], kind: type[Struct], path: Path, where: str, first: str = "type"
    ) -> dict[str, Any]:
        """The fields that are as they should be, without `layers`; what is wrong with the others is noted."""
        known = _known(kind)
        values: dict[str, Any] = {}
        hints = ""
        for key, value in given.items():
            if key not in known:
                hint = self._hint(key, kind, [first, *known])
                self._fault((*path, key), f"{where}: there is no field '{brief(key)}' here.{hint}")
                hints += hint
            elif known[key].kind == "mapping" and isinstance(value, dict):
                values[key] = self._mapping(value, known[key], (*path, key))
            elif key != "layers":
                try:
                    values[key] = _converted(known[key], value)
                except ValueError as error:
                    self._fault((*path, key), f"{where}: {error}")
        for field in known.values():
            # A required field that is only misspelt has been named already.
            if field.required and field.name not in given and f"'{field.name}'" not in hints:
                self._fault(path, f"{where}: {field.name} is missing; give {_example(field)}")
        return values

    def _mapping(self, given: dict[str, Any], field: Field, path: Path) -> Struct | None:
        """The struct that a mapping inside the design states; None for a faulty one."""
        kind, before = struct_in(field), len(self.found)
        values = self._values(given, kind, path, field.name, first="")
        try:
            return kind(**values) if len(self.found) == before else None
        except ValueError as error:
            self._fault(path, f"{field.name}: {error}")
        return None

    def _check_budgets(self, budgets: tuple[str, ...]) -> None:
        """Notes budgets that are no conditions."""
        for index, text in enumerate(budgets[:MAX_EXPLAINED]):
            try:
                condition_from(text)
            except ValueError as error:
                self._fault(("budgets", index), f"budgets[{index}]: {error}")

    def _explain(
        self, values: dict[str, Any], layer_type: type[Layer], path: Path, where: str, error: Exception
    ) -> None:
        """Every fault of a layer that did not convert: field by field, and then what concerns several fields."""
        before = len(self.found)
        known = _known(layer_type)
        sound = self._values(values, layer_type, path, where)
        sentence = str(error) if len(self.found) == before else _conflict(sound, layer_type, known)
        if sentence:
            # msgspec adds the path in its own notation; the place is told by line and column.
            sentence = sentence.partition(" - at `")[0]
            field = re.split(r"\W", sentence, maxsplit=1)[0]
            self._fault((*path, field) if field in values else path, f"{where}: {sentence}")

    # Names and connections

    def _check_structure(self, items: tuple[Item, ...], *, are_whole: bool = True) -> None:
        """Notes faults of names and connections; of items that will find their place, only those inside blocks."""
        if too_many := excess(items):
            raise FileError(self.source, [FileFault(0, 0, f"has {too_many}.")])
        for fault in islice(structure_faults(items), MAX_EXPLAINED):
            if are_whole or len(fault.indices) > 1 or fault.field == "layers":
                self._structure_fault(items, fault, ("layers",) if are_whole else ())

    def _structure_fault(self, items: tuple[Item, ...], fault: Fault, path: Path) -> None:
        where = []
        for index in fault.indices:
            item, path = items[index], (*path, index, "layers")
            where.append(f"layers[{index}] '{brief(item.name)}'")
            items = item.layers if isinstance(item, Block) else ()
        self._fault((*path[:-1], fault.field), f"{', '.join(where)}: {fault.sentence}")


def _converted(field: Field, value: Any) -> Any:
    """The value as the field stores it; ValueError with the sentence, and of a function the name that it has here."""
    return convert_value(field, value, _function_hint) if "relu" in field.choices else convert_value(field, value)


def _function_hint(name: str, _choices: Sequence[str]) -> str:
    from cnnstudio.formats.name_hints import function_hint

    return function_hint(name)


def _conflict(sound: dict[str, Any], layer_type: type[Layer], known: dict[str, Field]) -> str:
    """The sentence on sound fields that contradict each other; empty if a required field is not among them."""
    if any(field.required and field.name not in sound for field in known.values()):
        return ""
    try:
        msgspec.convert(sound, layer_type)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


@cache
def _known(kind: type[Struct]) -> dict[str, Field]:
    """The fields that an entry of a file may have, besides `type`."""
    fields = {field.name: field for field in fields_of(kind)}
    if "layers" in fields:
        fields["layers"] = structs.replace(fields["layers"], required=True)
    return fields


def _without_type(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in entry if key != "type"}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "nothing")


def _quoted(value: Any) -> str:
    """A value as a sentence quotes it: short ones as the file has them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return brief(str(value))
    return f"'{brief(value)}'" if isinstance(value, str) else _kind(value)


def _example(field: Field) -> str:
    if field.name == "layers":
        return "a list of layers"
    return f"one of {', '.join(field.choices)}" if field.kind == "choice" else _EXAMPLES.get(field.kind, "a value")
