"""YAML text to plain values, behind guards.

The parser's events are read once and built into dicts, lists and scalars without recursion: four times as fast as
`yaml.load`, and safe against what crashes or traps it (deep nesting, aliases that explode, tags, repeated keys).
Scalars follow the YAML 1.2 core schema: `no` and `1_000` are text, `1e-5` is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from msgspec import Struct

from cnnstudio.formats.fault import MAX_FAULTS, FileFault, brief
from cnnstudio.formats.yaml.library import yaml

# PyYAML's C loader ends the process at 40,000 levels, a file of 80 kB. Events alone do not, but whatever walks the
# value after it is recursive.
MAX_DEPTH = 64
MAX_VALUES = 800_000
"""Words, numbers, lists and mappings of a text: thirty for each layer of the largest design."""
# Below Python's own limit of 4,300 digits, beyond which `int` raises.
MAX_INTEGER_DIGITS = 4_000

NAMES = frozenset({"name", "inputs", "further_inputs", "further_outputs", "output", "shares"})
"""Fields that hold names, which are text also where they read as numbers: layers may be called 763 or 1.10."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML was built with it; the Python one gives the same events."""

# YAML 1.1 would read `012` as 10, `1_000` as 1000 and `3:30` as 210. With `\Z`, as `$` lets a line end pass.
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0(x[0-9a-fA-F]+|o[0-7]+)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_NUMBERS = (_INTEGER, _FLOAT, _OTHER_BASE, _NOT_FINITE)
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ud800-\udfff\ufffe\uffff]")
"""Characters that PyYAML's own parser refuses, as a pattern that compiles quickly."""
_TAGS = "tag:yaml.org,2002:"
_REFUSED: Any = object()
"""Stands for a key that was refused: its value goes nowhere."""
_HINTS = {
    "mapping values are not allowed in this context": "put text that holds ': ' into quotes, and align fields",
    "found character that cannot start any token": "indent by spaces, and put text that begins with a sign into quotes",
    "did not find expected key": "fields begin in the same column",
    "could not find expected ':'": "a field is a name, a colon, a space, and a value",
}


class ParsedFile(Struct):
    """A parsed file: its value, where each mapping in it begins, and faults that did not stop the parser.

    `begins` has the line and the index in the text, keyed by `id`; it holds the mappings too, so that none of these
    numbers is given out twice.
    """

    value: Any
    begins: dict[int, tuple[int, int, Any]]
    faults: list[FileFault]

    def line_of(self, value: Any) -> int | None:
        """The line of a mapping, None for one that the file does not hold."""
        return self.begins.get(id(value), (None,))[0]

    def index_of(self, value: Any) -> int:
        """The index of a mapping in the text, -1 for one that the file does not hold."""
        begin = self.begins.get(id(value))
        return begin[1] if begin is not None else -1


class UnsafeYaml(Exception):
    """The text is not YAML, or uses what no design needs; carries the fault."""

    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


def plain_scalar(text: str) -> Any:
    """The value of an unquoted scalar by the YAML 1.2 core schema (§10.3.2); infinities and NaN, which no field takes,
    stay text.
    """
    if text in _WORDS:
        return _WORDS[text]
    # Most scalars are words; this spares them four patterns.
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.match(text):
        # Python refuses to convert longer ones, since that takes time with the square of their length.
        return int(text) if len(text) < MAX_INTEGER_DIGITS else text
    if _FLOAT.match(text):
        return float(text) if isfinite(float(text)) else text
    if _OTHER_BASE.match(text) and len(text) < MAX_INTEGER_DIGITS:
        return int(text, 0)
    return text


def is_plain_text(text: str) -> bool:
    """True if every reader of YAML 1.2 takes this unquoted scalar for text."""
    return text not in _WORDS and not any(pattern.match(text) for pattern in _NUMBERS)


def _fault(event: Any, sentence: str) -> FileFault:
    return FileFault(event.start_mark.line + 1, event.start_mark.column + 1, sentence)


def _events(text: str) -> Iterator[Any]:
    """The parser's events, checked; raises `UnsafeYaml` at the first that no design needs."""
    _require_characters(text)
    depth = documents = values = 0
    try:
        event: Any
        for event in yaml.parse(text, LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent or kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                values += 1
                if values > MAX_VALUES:
                    raise UnsafeYaml(_fault(event, f"holds more than {MAX_VALUES:,} values, which no design needs."))
                # Aliases let 342 bytes stand for millions of values, and tags make PyYAML build other objects than
                # plain ones.
                if event.anchor is not None or event.tag is not None:
                    raise UnsafeYaml(_marked_fault(event))
                if kind is not yaml.ScalarEvent:
                    depth += 1
                    if depth > MAX_DEPTH:
                        raise UnsafeYaml(
                            _fault(event, f"nested deeper than {MAX_DEPTH} levels, which no design needs.")
                        )
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                depth -= 1
            elif kind is yaml.AliasEvent:
                sentence = f"aliases (*{brief(event.anchor)}) are not used in designs; write the value out."
                raise UnsafeYaml(_fault(event, sentence))
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise UnsafeYaml(_fault(event, "a second document begins here; a file holds one design."))
            yield event
    # The parser alone, without a constructor: dates and `!!int x` would raise ValueError there, which is no YAMLError.
    except yaml.MarkedYAMLError as error:
        raise UnsafeYaml(_syntax_fault(error)) from None


def _require_characters(text: str) -> None:
    """Refuses what YAML does not allow in a text: control characters, and halves of surrogate pairs."""
    match = _FORBIDDEN.search(text)
    if match is None:
        return
    start = text.rfind("\n", 0, match.start()) + 1
    line = text.count("\n", 0, start) + 1
    sentence = f"the character U+{ord(match[0]):04X} is not allowed in a design file; delete it."
    raise UnsafeYaml(FileFault(line, match.start() - start + 1, sentence))


def _marked_fault(event: Any) -> FileFault:
    if event.anchor is not None:
        return _fault(event, f"anchors (&{brief(event.anchor)}) are not used in designs; leave it out.")
    tag = "!!" + event.tag.removeprefix(_TAGS) if event.tag.startswith(_TAGS) else event.tag
    return _fault(event, f"tags ({brief(tag)}) are not used in designs; leave it out.")


def _syntax_fault(error: Any) -> FileFault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    begin = error.context_mark.line + 1 if error.context_mark else line
    context = f" {error.context}" if error.context else ""
    since = f" that begins on line {begin}" if context and begin != line else ""
    hint = f"; {_HINTS[error.problem]}" if error.problem in _HINTS else ""
    return FileFault(line, column, f"not valid YAML: {error.problem or 'syntax error'}{context}{since}{hint}.")


def build(text: str) -> ParsedFile:
    """The value of a text with one YAML document.

    Names are as they stand there. Repeated and misplaced keys are faults of the result, not errors. Raises UnsafeYaml
    for keys that are no plain words and for nesting that is too deep.
    """
    document = ParsedFile(None, {}, [])
    outer: list[Any] = []
    container: Any = None
    key: Any = None
    listed_names: Any = None
    for event in _events(text):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            # What stands in quotes is text, whatever it looks like.
            value = plain_scalar(event.value) if event.implicit[0] else event.value
            if type(container) is dict and key is None:
                key = _key(event, value, container, document)
            else:
                is_name = key in NAMES if type(container) is dict else container is listed_names
                _put(document, container, key, event.value if is_name and type(value) in (int, float) else value)
                key = None
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if type(container) is dict and key is None:
                raise UnsafeYaml(_fault(event, "a field name must be a plain word, not a list or a mapping."))
            value = {} if kind is yaml.MappingStartEvent else []
            if type(value) is dict:
                document.begins[id(value)] = (event.start_mark.line + 1, event.start_mark.index, value)
            _put(document, container, key, value)
            listed_names = value if key in NAMES and type(value) is list else listed_names
            outer.append(container)
            container, key = value, None
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            container, key = outer.pop(), None
    return document


def _put(document: ParsedFile, container: Any, key: Any, value: Any) -> None:
    if type(container) is dict:
        if key is not _REFUSED:
            container[key] = value
    elif type(container) is list:
        container.append(value)
    else:
        document.value = value


def _key(event: Any, value: Any, container: dict[str, Any], document: ParsedFile) -> Any:
    """The key, or `_REFUSED` with a fault noted."""
    text: str = event.value
    # A key such as `yes` or `1.0` is no text by YAML's rules, and fields have plain words.
    if value is not text and type(value) is not str:
        received = brief(text) or "nothing"
        _note(document, _fault(event, f"a field name must be a plain word, and received {received}."))
        return _REFUSED
    # Merge keys double the work at each level: 18 levels in 645 bytes take 0.4 s to load.
    if text == "<<":
        raise UnsafeYaml(_fault(event, "merge keys (<<) are not used in designs; write the fields out."))
    # PyYAML takes the last one silently, and a hand-edited file would lose a setting without a word.
    if text in container:
        _note(document, _fault(event, f"'{brief(text)}' is given twice; leave one of them."))
    return text


def _note(document: ParsedFile, fault: FileFault) -> None:
    """Adds a fault, unless there are more of them than anybody reads."""
    if len(document.faults) < MAX_FAULTS:
        document.faults.append(fault)
