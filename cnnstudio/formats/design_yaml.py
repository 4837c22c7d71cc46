"""The design file: YAML with a format version, read with every fault at once and written so that it diffs well."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from msgspec import UNSET, Struct, structs

from cnnstudio.core.design import Block, Design, Item, path_text, structure_faults, with_names
from cnnstudio.core.layer import Field, Layer, fields_of, natural_name
from cnnstudio.core.problem import did_you_mean
from cnnstudio.core.values import convert_value
from cnnstudio.formats.fault import FileError, FileFault
from cnnstudio.formats.saving import write_atomically
from cnnstudio.formats.yaml_comments import Comments, find_comments
from cnnstudio.formats.yaml_events import Document, UnsafeYaml, build, compose, locate
from cnnstudio.formats.yaml_writer import yaml_text
from cnnstudio.layers import LAYER_TYPES

FORMAT_VERSION = 1
LARGEST_FILE_BYTES = 32_000_000
SUFFIXES = (".yaml", ".yml")

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each earlier format version the step that turns a file of it into one of the next. Version 1 is the first."""

_Path = tuple[str | int, ...]


class DesignFile(Struct, frozen=True):
    """A design as read: with its leading comment, the number of other comments, and the line of each item.

    `lines` is keyed by the item's place (`stage2/conv1`). Saving keeps the leading comment and drops the others.
    """

    design: Design
    comments: Comments
    lines: dict[str, int]


def read_design(path: Path) -> DesignFile:
    """Reads a design file; FileError with every fault in it, each with line and column."""
    return parse_design(_read_text(path), str(path))


def _read_text(path: Path) -> str:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FileError(str(path), [FileFault(0, 0, "is a folder, not a design file.")])
        if not stat.S_ISREG(status.st_mode):
            raise FileError(str(path), [FileFault(0, 0, "is not a regular file.")])
        if status.st_size > LARGEST_FILE_BYTES:
            size = f"{status.st_size / 1e6:,.0f} MB"
            limit = f"{LARGEST_FILE_BYTES / 1e6:,.0f} MB"
            raise FileError(str(path), [FileFault(0, 0, f"has {size}; a design file has at most {limit}.")])
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileError(str(path), [FileFault(0, 0, "there is no such file.")]) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileError(str(path), [FileFault(0, 0, f"cannot be read: {reason}.")]) from None
    return decode(content, str(path))


def decode(content: bytes, source: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; line ends become `\\n`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = f"not UTF-8 text: byte {content[error.start]:#04x} is not allowed here; save it as UTF-8."
        raise FileError(source, [FileFault(line, 1, sentence)]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_design(text: str, source: str = "design") -> DesignFile:
    """Reads a design from text; `source` names it in messages."""
    return _Reader(text, source).read()


class _StandIn(Layer, frozen=True, kw_only=True):
    """What stands for a faulty layer while the connections of the others are checked."""

    fewest_inputs: ClassVar[int] = 0
    most_inputs: ClassVar[int | None] = None


def _stand_in(entry: dict[str, Any]) -> _StandIn:
    name, inputs = entry.get("name"), entry.get("inputs")
    names = [text for text in inputs if isinstance(text, str)] if isinstance(inputs, list) else []
    if not isinstance(name, str):
        name = natural_name(str(entry.get("type", "layer"))) + "_1"
    return _StandIn(name=name, inputs=tuple(names))


class _Reader:
    """Turns one document into a design, and gathers all that is wrong with it."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.document = Document(None, {}, [])
        self.found: list[tuple[_Path, str]] = []
        self.lines: dict[str, int] = {}

    def read(self) -> DesignFile:
        try:
            self.document = build(self.text)
        except UnsafeYaml as error:
            raise FileError(self.source, [error.fault]) from None
        top = self._top()
        items = self._items(top.pop("layers", []), ("layers",), "")
        design = self._design(top, items)
        self._check_structure(design)
        self._stop_at_faults()
        return DesignFile(design, find_comments(self.text), self._lines(design))

    def fault(self, path: _Path, sentence: str) -> None:
        self.found.append((path, sentence if sentence.endswith((".", "?")) else sentence + "."))

    def _stop_at_faults(self) -> None:
        if not self.found and not self.document.faults:
            return
        root = compose(self.text)
        faults = [FileFault(*locate(root, path), sentence) for path, sentence in self.found]
        raise FileError(self.source, faults + self.document.faults)

    def _top(self) -> dict[str, Any]:
        value = self.document.value
        if value is None:
            raise FileError(self.source, [FileFault(0, 0, "is empty; a design begins with 'cnnstudio: 1'.")])
        if not isinstance(value, dict) or "cnnstudio" not in value:
            sentence = "is no design: a design is a mapping that begins with 'cnnstudio: 1'."
            raise FileError(self.source, [FileFault(1, 1, sentence)])
        return self._migrated(dict(value))

    def _migrated(self, top: dict[str, Any]) -> dict[str, Any]:
        version = top.pop("cnnstudio")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            self.fault(("cnnstudio",), f"the format version must be a whole number from 1, and received {version!r}")
        elif version > FORMAT_VERSION:
            sentence = (
                f"this file has format version {version}, and this program reads up to {FORMAT_VERSION}; "
                "open it with a newer CNN Studio"
            )
            self.fault(("cnnstudio",), sentence)
            self._stop_at_faults()
        else:
            for step in range(version, FORMAT_VERSION):
                top = MIGRATIONS[step](top)
        return top

    def _design(self, top: dict[str, Any], items: tuple[Item, ...]) -> Design:
        known = {field.name: field for field in fields_of(Design) if field.name != "layers"}
        values = self._values(top, known, (), "the design", ["cnnstudio", *known, "layers"])
        return Design(**values, layers=items)

    def _items(self, value: Any, path: _Path, place: str) -> tuple[Item, ...]:
        if not isinstance(value, list):
            self.fault(path, f"layers must be a list of layers, and received {_kind(value)}")
            return ()
        return with_names(tuple(self._item(entry, (*path, index), place, index) for index, entry in enumerate(value)))

    def _item(self, entry: Any, path: _Path, place: str, index: int) -> Item:
        where = f"{place}layers[{index}]"
        if not isinstance(entry, dict):
            self.fault(path, f"{where}: a layer is a mapping as {{type: Flatten}}, and received {_kind(entry)}")
            return _StandIn()
        name = entry.get("name")
        where = f"{where} '{name}'" if isinstance(name, str) and name else where
        type_name = entry.get("type")
        if type_name == "Block":
            return self._block(entry, path, where)
        layer_type = LAYER_TYPES.get(type_name) if isinstance(type_name, str) else None
        if layer_type is None:
            self._unknown_type(type_name, path, where)
            return _stand_in(entry)
        values = {key: entry[key] for key in entry if key != "type"}
        try:
            return msgspec.convert(values, layer_type)
        except (msgspec.ValidationError, OverflowError) as error:
            self._explain(values, layer_type, path, where, str(error))
            return _stand_in(entry)

    def _unknown_type(self, type_name: Any, path: _Path, where: str) -> None:
        if type_name is None:
            self.fault(path, f"{where}: a layer needs a type, as {{type: Conv2D}}")
            return
        hint = did_you_mean(type_name, [*LAYER_TYPES, "Block"]) if isinstance(type_name, str) else ""
        self.fault((*path, "type"), f"{where}: there is no layer type {type_name!r}.{hint}")

    def _block(self, entry: dict[str, Any], path: _Path, where: str) -> Block:
        items = self._items(entry.get("layers", []), (*path, "layers"), f"{where}, ")
        known = {field.name: field for field in fields_of(Block) if field.name != "layers"}
        given = {key: entry[key] for key in entry if key not in ("type", "layers")}
        values = self._values(given, known, path, where, ["type", *known, "layers"])
        return Block(**values, layers=items)

    def _explain(self, values: dict[str, Any], layer_type: type, path: _Path, where: str, message: str) -> None:
        """Every fault of a layer that did not convert: field by field, and then what concerns several fields."""
        before = len(self.found)
        known = {field.name: field for field in fields_of(layer_type)}
        self._values(values, known, path, where, ["type", *known])
        if len(self.found) == before:
            self.fault(path, f"{where}: {message.partition(' - at `')[0]}")

    def _values(
        self, given: dict[str, Any], known: dict[str, Field], path: _Path, where: str, words: list[str]
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in given.items():
            if key not in known:
                hint = did_you_mean(key, words) if isinstance(key, str) else ""
                self.fault((*path, key), f"{where}: there is no field '{key}' here.{hint}")
                continue
            try:
                values[key] = convert_value(known[key], value)
            except ValueError as error:
                self.fault((*path, key), f"{where}: {error}")
        for field in known.values():
            if field.required and field.name not in given:
                self.fault(path, f"{where}: {field.name} is missing; give {_example(field)}")
        return values

    def _check_structure(self, design: Design) -> None:
        for fault in structure_faults(design.layers):
            path: _Path = ()
            for index in fault.indices:
                path = (*path, "layers", index)
            item = _item_at(design.layers, fault.indices)
            where = ", ".join(f"layers[{index}]" for index in fault.indices)
            self.fault((*path, fault.field), f"{where} '{item.name}': {fault.sentence}")

    def _lines(self, design: Design) -> dict[str, int]:
        lines: dict[str, int] = {}
        self._add_lines(design.layers, self.document.value.get("layers", []), (), lines)
        return lines

    def _add_lines(self, items: tuple[Item, ...], entries: list[Any], within: tuple[str, ...], lines: dict[str, int]) -> None:
        for item, entry in zip(items, entries, strict=True):
            path = (*within, item.name)
            lines[path_text(path)] = self.document.marks[id(entry)][0]
            if isinstance(item, Block):
                self._add_lines(item.layers, entry["layers"], path, lines)


def _item_at(items: tuple[Item, ...], indices: tuple[int, ...]) -> Item:
    item = items[indices[0]]
    return _item_at(item.layers, indices[1:]) if len(indices) > 1 and isinstance(item, Block) else item


def _kind(value: Any) -> str:
    words = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return words.get(type(value), "nothing")


def _example(field: Field) -> str:
    examples = {"sizes": "an integer or a list", "integer": "a whole number", "choice": f"one of {', '.join(field.choices)}"}
    return examples.get(field.kind, "a value")


def plain_item(item: Item) -> dict[str, Any]:
    """An item as the file writes it: its type, then the fields that differ from their defaults, in stable order."""
    plain: dict[str, Any] = {"type": item.type_name}
    for field in fields_of(type(item)):
        value = getattr(item, field.name)
        if field.name == "layers":
            plain["layers"] = [plain_item(inner) for inner in item.layers] if isinstance(item, Block) else []
        elif field.default is UNSET or value != field.default or type(value) is not type(field.default):
            plain[field.name] = value
    return plain


def plain_design(design: Design) -> dict[str, Any]:
    """A design as the file writes it."""
    plain: dict[str, Any] = {"cnnstudio": FORMAT_VERSION, "name": design.name}
    defaults = Design()
    for field in structs.fields(Design):
        value = getattr(design, field.name)
        if field.name not in ("name", "layers") and value != getattr(defaults, field.name):
            plain[field.name] = value
    plain["layers"] = [plain_item(item) for item in design.layers]
    return plain


def design_text(design: Design, comments: Comments | None = None) -> str:
    """A design as the text of its file, under its leading comment."""
    return (comments.leading if comments else "") + yaml_text(plain_design(design))


def write_design(path: Path, design: Design, comments: Comments | None = None) -> None:
    """Saves a design atomically; OSError, with the old file whole, if it cannot be written."""
    write_atomically(path, design_text(design, comments).encode("utf-8"))
