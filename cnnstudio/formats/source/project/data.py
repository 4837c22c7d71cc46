"""Files of data beside a source: settings in YAML and JSON, and texts. They are read as data, never run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cnnstudio.formats.source.language.values import Namespace, NotFollowed, Unknown
from cnnstudio.formats.source.project.folders import root_of, text_of
from cnnstudio.formats.yaml.library import yaml

SUFFIXES = (".yaml", ".yml", ".json", ".cfg", ".txt", ".names")
MAX_SETTINGS, MAX_VALUES, MAX_DEPTH, MAX_ALIASES = 200_000, 20_000, 30, 50
"""The signs of a file of settings, the values in it, how deep they are nested, and how often one stands for another."""
_NAME = re.compile(r"^[\w ./\\+-]{1,200}$")


def finder(path: Path) -> Callable[[str], str | None]:
    """Gives the text of a file of data by the words with which a source names it; None for one that is not there."""
    root = (root_of(path) or path.parent).resolve()
    starts = [path.parent.resolve()]
    while starts[-1] != root and root in starts[-1].parents:
        starts.append(starts[-1].parent)

    def find(name: str) -> str | None:
        if not _NAME.match(name) or not name.lower().endswith(SUFFIXES) or name.startswith(("/", "\\")):
            return None
        for start in starts:
            found = (start / name).resolve()
            if root in found.parents and found.is_file():
                return text_of(found)
        return None

    return find


def of_text(text: str, *, is_json: bool) -> Any:
    """The values of a file of settings. Raises NotFollowed if it holds none, or too many."""
    if len(text) > MAX_SETTINGS:
        raise NotFollowed("reads settings that are too long.")
    try:
        found = json.loads(text) if is_json else _of_yaml(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        raise NotFollowed("reads settings that are no JSON or YAML.") from None
    return _bounded(found, [0], 0)


def _of_yaml(text: str) -> Any:
    aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader))
    if aliases > MAX_ALIASES:
        raise NotFollowed("reads settings that repeat themselves too often.")
    return yaml.safe_load(text)


def _bounded(value: Any, count: list[int], depth: int) -> Any:
    """Numbers, texts, lists and dicts alone, few of them."""
    count[0] += 1
    if count[0] > MAX_VALUES or depth > MAX_DEPTH:
        raise NotFollowed("reads settings that hold too much.")
    if value is None or isinstance(value, (bool, int, float, str)):
        return (
            value if not isinstance(value, int) or value.bit_length() <= 64 else Unknown("a number that is too large")
        )
    if isinstance(value, (list, tuple)):
        return [_bounded(item, count, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            key if isinstance(key, int) else str(key): _bounded(item, count, depth + 1) for key, item in value.items()
        }
    return str(value)


def as_settings(value: Any, name: str = "the settings") -> Any:
    """Dicts, and those in them, as objects whose values are attributes too; all else as it is.

    Raises NotFollowed for too many, or too deep ones: one that stands in many places is copied at each.
    """
    return _settings(value, name, [0], 0)


def _settings(value: Any, name: str, count: list[int], depth: int) -> Any:
    count[0] += 1
    if count[0] > MAX_VALUES or depth > MAX_DEPTH:
        raise NotFollowed("makes settings that hold too much.")
    if isinstance(value, dict):
        inner = {str(key): _settings(item, f"{name}.{key}"[-200:], count, depth + 1) for key, item in value.items()}
        return Namespace(name, inner, is_open=True)
    if isinstance(value, (list, tuple)):
        return type(value)(_settings(item, name, count, depth + 1) for item in value)
    return value
