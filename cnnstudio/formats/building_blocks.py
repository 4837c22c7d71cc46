"""Building blocks as files: those of the program, and those of a user in a folder of his own."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec import Struct, structs

from cnnstudio import resources
from cnnstudio.core.network.design import Block, Design
from cnnstudio.formats.design_yaml import read_design, write_design
from cnnstudio.formats.fault import FileError, FileFault, one_line

MAX_OWN_BLOCKS = 500
"""Building blocks that are read from a user's folder."""
MAX_BYTES = 500_000
"""The size of a file up to which it is read: all are read when the palette is made."""
_MAX_STEM_LENGTH = 60
# Windows takes no file by the name of a device, whatever its suffix.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


class BuildingBlock(Struct, frozen=True):
    """A building block and the file that holds it, which no other is in; `is_own` if it is the user's."""

    path: Path
    design: Design
    is_own: bool = False

    @property
    def key(self) -> str:
        """A key that is unique among building blocks and layer types."""
        return str(self.path)

    @property
    def name(self) -> str:
        """The display name."""
        return self.design.name

    @property
    def help_line(self) -> str:
        """A description on one line."""
        return " ".join((self.design.note or _contents(self.design)).split())


def _contents(design: Design) -> str:
    items = [inner.name for item in design.layers if isinstance(item, Block) for inner in item.layers]
    return ", ".join(items or [item.name for item in design.layers])


@cache
def builtin_blocks() -> tuple[BuildingBlock, ...]:
    """The building blocks of the program, in the order of the palette."""
    paths = sorted(resources.path("blocks").glob("*.yaml"), key=lambda path: int(path.stem.partition("-")[0]))
    return tuple(BuildingBlock(path, read_design(path).design) for path in paths)


def own_blocks(folder: Path) -> tuple[tuple[BuildingBlock, ...], tuple[str, ...]]:
    """The building blocks in a user's folder by name, and a sentence for each file that is not one."""
    blocks: list[BuildingBlock] = []
    paths, faults = _files(folder)
    for path in paths[:MAX_OWN_BLOCKS]:
        try:
            blocks.append(_own_block(path))
        except FileError as error:
            faults.append(error.lines()[0])
    return tuple(sorted(blocks, key=lambda block: (block.name.casefold(), block.key))), tuple(faults)


def _own_block(path: Path) -> BuildingBlock:
    """The building block in a file; FileError if there is none, or one that would hold up the window."""
    with suppress(OSError):
        size = path.stat().st_size
        if size > MAX_BYTES:
            sentence = f"has {size / 1e6:,.1f} MB; a building block has at most {MAX_BYTES / 1e6:g} MB."
            raise FileError(str(path), [FileFault(0, 0, sentence)])
    design = read_design(path).design
    if not design.layers:
        raise FileError(str(path), [FileFault(0, 0, "has no layers, and a building block needs one.")])
    return BuildingBlock(path, design, is_own=True)


def _files(folder: Path) -> tuple[list[Path], list[str]]:
    """The files in a user's folder, and a sentence if it is there and cannot be read."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [f"{one_line(str(folder))}: cannot be read: {error.strerror or error}."]
    return [folder / name for name in names], []


def save_block(folder: Path, design: Design) -> Path:
    """Saves a building block under a file name that is free; OSError if it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = file_stem(design.name)
    number, path = 1, folder / f"{stem}.yaml"
    # A building block of the same name is another one, and is not written over.
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.yaml"
    write_design(path, design)
    return path


def file_stem(name: str) -> str:
    """A file name that every system takes: `residual-64` for `Residual (64)`."""
    stem = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:_MAX_STEM_LENGTH].strip("-")
    # In bytes a name of signs beyond ASCII is longer than in letters.
    while len(stem.encode()) > 3 * _MAX_STEM_LENGTH:
        stem = stem[:-1]
    return f"block-{stem}" if _RESERVED.match(stem) else stem or "block"


def rename_block(block: BuildingBlock, name: str) -> None:
    """Gives a user's building block another name, in its file; OSError if that cannot be written."""
    layers = tuple(
        structs.replace(item, name=name) if isinstance(item, Block) and item.name == block.name else item
        for item in block.design.layers
    )
    write_design(block.path, structs.replace(block.design, name=name, layers=layers))
