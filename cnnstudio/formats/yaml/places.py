"""The places in a text of the parts of its value: line and column for the paths of faults."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from cnnstudio.formats.yaml.events import LOADER
from cnnstudio.formats.yaml.library import yaml

Path = tuple[str | int, ...]
"""Keys and indices that lead to a part of a document."""
Place = tuple[int, int]
"""Line and column, from 1."""


class _Level(Struct):
    """A mapping or list that is being read; `path` is None where nobody asks for anything in it."""

    path: Path | None
    is_mapping: bool
    key: str | None = None
    index: int = -1

    def next_step(self, event: Any) -> str | int:
        """The key or index that an event is, or is the value of."""
        if not self.is_mapping:
            self.index += 1
            return self.index
        if self.key is None:
            self.key = str(event.value)
            return self.key
        key, self.key = self.key, None
        return key


def find_places(text: str, paths: Iterable[Path]) -> dict[Path, Place]:
    """The places of the paths and of all that leads to them, as far as they exist: of a key, or of a list's item.

    One pass over the events of a text that `build` has accepted. Of a repeated key the last one counts.
    """
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    places: dict[Path, Place] = {}
    levels: list[_Level] = []
    for event in yaml.parse(text, LOADER):
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            levels.pop()
        elif isinstance(event, yaml.NodeEvent):
            path = _enter(levels, event, wanted, places)
            if not isinstance(event, yaml.ScalarEvent):
                levels.append(_Level(path, isinstance(event, yaml.MappingStartEvent)))
    return places


def _enter(levels: list[_Level], event: Any, wanted: set[Path], places: dict[Path, Place]) -> Path | None:
    """The path of the key or value that begins here, if it is wanted; its place is noted."""
    level = levels[-1] if levels else _Level(None, is_mapping=False)
    is_value = level.is_mapping and level.key is not None
    step: str | int = level.next_step(event)
    path: Path | None = () if not levels else None if level.path is None else (*level.path, step)
    if path is None or path not in wanted:
        return None
    if not is_value:
        places[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
    return path


def deepest(places: dict[Path, Place], path: Path) -> Place:
    """The place of a path, or of the longest beginning of it that has one."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (0, 0))
