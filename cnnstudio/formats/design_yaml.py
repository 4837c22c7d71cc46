"""The design file: YAML with a format version, read with every fault at once and written so that it diffs well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct, structs

from cnnstudio.core.network.comments import Comments
from cnnstudio.core.network.design import Block, Design, Item, ItemPath
from cnnstudio.core.network.fields import fields_of
from cnnstudio.core.network.sharing import OWN_FIELDS
from cnnstudio.formats.content import read_content
from cnnstudio.formats.design_file import DesignFile
from cnnstudio.formats.design_reader import DesignReader
from cnnstudio.formats.fault import FileError, FileFault
from cnnstudio.formats.migration import FORMAT_VERSION, MIGRATIONS, Migration
from cnnstudio.formats.saving import NO_PRECAUTIONS, Precautions, write_atomically
from cnnstudio.formats.saving.stamp import Stamp, stamp, stamp_of
from cnnstudio.formats.sharing import owners_of
from cnnstudio.formats.yaml.anchors import Indices
from cnnstudio.formats.yaml.comments import with_comments
from cnnstudio.formats.yaml.writer import Unfolded, yaml_text

MAX_FILE_BYTES = 16_000_000


def read_design(path: Path) -> DesignFile:
    """Reads a design file; FileError with every fault in it, each with line and column."""
    content = read_content(path, MAX_FILE_BYTES)
    return structs.replace(parse_design(decode(content, str(path)), str(path)), stamp=stamp(content))


def decode(content: bytes, source: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; line ends become `\\n`. Raises FileError."""
    try:
        # Editors on Windows put a byte order mark before UTF-8, which is no part of the text.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(source, [_encoding_fault(error)]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding_fault(error: UnicodeDecodeError) -> FileFault:
    content: bytes = error.object
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileFault(1, 1, "not UTF-8 text, but UTF-16; save it as UTF-8.")
    start = content.rfind(b"\n", 0, error.start) + 1
    line, column = content.count(b"\n", 0, start) + 1, len(content[start : error.start].decode()) + 1
    sentence = f"not UTF-8 text: byte {content[error.start]:#04x} is not allowed here; save it as UTF-8."
    return FileFault(line, column, sentence)


def parse_design(text: str, source: str = "design", migrations: Sequence[Migration] = MIGRATIONS) -> DesignFile:
    """Reads a design from text; `source` names it in messages."""
    reader = DesignReader(text, source, migrations)
    design = reader.read_design()
    return DesignFile(design, reader.lines_of(design))


def plain_item(
    item: Item, owners: Mapping[ItemPath, Item] = MappingProxyType({}), within: ItemPath = ()
) -> dict[str, Any]:
    """An item as the file writes it: its type, then the fields that differ from their defaults, in stable order.

    `owners` has, by path, the item whose weights an item shares: the fields are then those that differ from it.
    """
    path = (*within, item.name)
    owner = owners.get(path) if owners else None
    plain: dict[str, Any] = {"type": item.type_name}
    # What is said of one field needs a line that is about this field.
    if any(comment.field for comment in item.comments):
        plain = Unfolded(plain)
    for field in fields_of(type(item)):
        value = getattr(item, field.name)
        is_own = owner is None or field.name in OWN_FIELDS
        usual = field.default if is_own else getattr(owner, field.name)
        # By type as well: 1 equals True in Python, and 1.0 equals 1, though a file shows them differently.
        if value == usual and type(value) is type(usual):
            continue
        if isinstance(item, Block) and field.name == "layers":
            value = [plain_item(inner, owners, path) for inner in item.layers]
        plain[field.name] = value
    return plain


def plain_design(design: Design) -> dict[str, Any]:
    """A design as the file writes it."""
    plain: dict[str, Any] = {"cnnstudio": FORMAT_VERSION, "name": design.name}
    defaults = Design()
    for name in Design.__struct_fields__:
        value = getattr(design, name)
        if name not in ("name", "layers", "comments") and value != getattr(defaults, name):
            plain[name] = _plain_mapping(value) if isinstance(value, Struct) else value
    owners = owners_of(design.layers)
    plain["layers"] = [plain_item(item, owners) for item in design.layers]
    return plain


def _plain_mapping(value: Struct) -> dict[str, Any]:
    """The fields of a struct inside a design that differ from their defaults."""
    plain = structs.asdict(value)
    return {field.name: plain[field.name] for field in fields_of(type(value)) if plain[field.name] != field.default}


def design_text(design: Design) -> str:
    """A design as the text of its file, with its comments."""
    plain = plain_design(design)
    return _commented(yaml_text(plain), {(): design.comments, **_comments(design.layers, plain["layers"])})


def items_text(items: tuple[Item, ...]) -> str:
    """Items as a YAML list, as the `layers` of a file; `parse_items` reads it."""
    plain = [plain_item(item) for item in items]
    return _commented(yaml_text(plain), _comments(items, plain))


def _comments(items: tuple[Item, ...], plain: list[Any], within: Indices = ()) -> dict[Indices, Comments]:
    """The comments of items and of those inside them, by their places in what is written."""
    found: dict[Indices, Comments] = {}
    for index, item in enumerate(items):
        found[*within, index] = item.comments
        # A block that shares the weights of another leaves its layers to that one, and what is said of them too.
        if isinstance(item, Block) and "layers" in plain[index]:
            found |= _comments(item.layers, plain[index]["layers"], (*within, index))
    return found


def _commented(text: str, comments: dict[Indices, Comments]) -> str:
    said = {item: comments[item] for item in comments if comments[item]}
    # To place them takes as long as reading the text.
    return with_comments(text, said) if said else text


def parse_items(text: str, source: str = "text") -> tuple[Item, ...]:
    """Reads a YAML list of items, or a whole design's layers, under names that may be taken elsewhere.

    FileError if it is neither. Inputs that name nothing in the list are left to whoever puts the items somewhere.
    """
    return DesignReader(text, source, MIGRATIONS).read_items()


def write_design(path: Path, design: Design, precautions: Precautions = NO_PRECAUTIONS) -> Stamp:
    """Saves a design atomically, and returns the stamp of what the file holds now.

    OSError, with the old file whole, if it cannot be written; ChangedMeanwhile if it holds something that was not
    expected, unless that is what it would be given.
    """
    content = design_text(design).encode("utf-8")
    written = stamp(content)
    # What the file holds already is not written again, whoever wrote it: no conflict, and no new time of change.
    if precautions.expected is None or stamp_of(path) != written:
        write_atomically(path, content, precautions)
    return written
