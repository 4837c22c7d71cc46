"""Plain values to YAML: one line for each simple layer, blocks unfolded, in an order and style that never changes."""

from __future__ import annotations

from typing import Any

from cnnstudio.formats.yaml.events import is_plain_text
from cnnstudio.formats.yaml.library import yaml

# Absent where PyYAML was built without libyaml, as on some systems' Pythons.
_FAST: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

MAX_WIDTH = 1_000_000_000
"""Beyond any file: no line is ever folded, as one layer a line keeps differences between versions readable."""


class Unfolded(dict[str, Any]):
    """A mapping that is written with a line for each field, as one that holds layers is."""


def yaml_text(value: dict[str, Any] | list[dict[str, Any]]) -> str:
    """The YAML text of a design or an item in plain values."""
    node = _node(value)
    text = _serialize(node, _FAST)
    # libyaml escapes what lies outside the basic plane; the Python emitter writes an emoji as it is.
    return _serialize(node, yaml.SafeDumper) if "\\U" in text else text


def _serialize(node: yaml.Node, dumper: Any) -> str:
    return str(yaml.serialize(node, Dumper=dumper, width=MAX_WIDTH, allow_unicode=True))


def _node(value: Any) -> yaml.Node:
    if isinstance(value, dict):
        is_folded = "layers" not in value and not isinstance(value, Unfolded)
        pairs = [(_scalar(key), _node(item)) for key, item in value.items()]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=is_folded)
    if isinstance(value, (list, tuple)):
        holds_items = bool(value) and isinstance(value[0], dict)
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(item) for item in value], flow_style=not holds_items)
    return _scalar(value)


def _scalar(value: Any) -> yaml.ScalarNode:
    if isinstance(value, str):
        return yaml.ScalarNode("tag:yaml.org,2002:str", value, style=_text_style(value))
    if value is None or isinstance(value, bool):
        word = {None: "null", True: "true", False: "false"}[value]
        return yaml.ScalarNode("tag:yaml.org,2002:null" if value is None else "tag:yaml.org,2002:bool", word)
    if isinstance(value, int):
        return yaml.ScalarNode("tag:yaml.org,2002:int", str(value))
    text = repr(value)
    # YAML 1.1 readers take `1e-05` for text; a point makes it a number everywhere.
    return yaml.ScalarNode("tag:yaml.org,2002:float", text.replace("e", ".0e") if "." not in text else text)


def _text_style(text: str) -> str | None:
    """Block style for several lines, escapes where that would not be plain to see, quotes for seeming numbers."""
    lines = text.removesuffix("\n") or " "
    # These are line ends for YAML, which folds them into a space or another line end outside double quotes.
    if any(sign in text for sign in "\r\x85\u2028\u2029") or ("\n" in text and lines != lines.strip()):
        return '"'
    if "\n" in text:
        return "|"
    # PyYAML would write the text `1e-5` without quotes, since YAML 1.1 has it for text; in YAML 1.2 it is a number.
    return None if is_plain_text(text) else "'"
