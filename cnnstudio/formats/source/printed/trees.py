"""The tree that `print(model)` of PyTorch shows, as source in which each line stays where it is."""

from __future__ import annotations

import re

_TOP = re.compile(r"^([A-Za-z_]\w*)\($")
_CHILD = re.compile(r"^(\s+)\((.+?)\): (?:(\d+) x )?([A-Za-z_]\w*)\((.*?)(\))?$")
_END = re.compile(r"^(\s*)\)$")
_WORD = re.compile(r"(\w+)=([A-Za-z_]\w*)(?=[,)]|$)")
_LITERALS = ("True", "False", "None")
_MAPS = ("Conv", "MaxPool", "AvgPool", "BatchNorm2d", "Adaptive", "Upsample")
HEAD = "import torch.nn as nn; from collections import OrderedDict; "
NOTE = "print(model) shows modules and not forward: they were taken one after the other, as they are shown."
FLATTENED = "A Flatten was put before the first Linear after a map, as forward has to have one."


def as_source(text: str) -> tuple[str, list[str]] | None:
    """The source of a printed tree, and what was assumed for it; None for a text that is none."""
    lines = text.rstrip().split("\n")
    first = next((place for place, line in enumerate(lines) if _TOP.match(line)), None)
    if first is None or first + 1 >= len(lines) or _CHILD.match(lines[first + 1]) is None:
        return None
    made = [""] * first + [f"{HEAD}net = nn.Sequential(OrderedDict(["]
    ends: list[str] = ["]))"]
    notes = [NOTE]
    is_map = False
    for line in lines[first + 1 :]:
        child = _CHILD.match(line)
        if child is not None:
            written, end, is_map, is_flattened = _child(child, is_map=is_map)
            made.append(written)
            if end:
                ends.append(end)
            if is_flattened and FLATTENED not in notes:
                notes.append(FLATTENED)
        elif _END.match(line) and ends:
            made.append(ends.pop())
        else:
            return None
        if not ends:
            break
    return (("\n".join(made) + "\n"), notes) if not ends else None


def _child(child: re.Match[str], *, is_map: bool) -> tuple[str, str, bool, bool]:
    """A line of source, what closes it later, whether a map flows on, and whether a Flatten was put in."""
    _, key, times, kind, arguments, closed = child.groups()
    if closed is None:
        start, end = "nn.Sequential(OrderedDict([", "]))"
        if times:
            first = int(key.split("-")[0])
            return f"*[(str(i), {start}", f"{end}) for i in range({first}, {first + int(times)})],", is_map, False
        return f"({key!r}, {start}", f"{end}),", is_map, False
    written = f"nn.{kind}({_quoted(arguments)})"
    if times:
        first = int(key.split("-")[0])
        line = f"*[(str(i), {written}) for i in range({first}, {first + int(times)})],"
    else:
        line = f"({key!r}, {written}),"
    is_flattened = kind == "Linear" and is_map
    if is_flattened:
        line = f"('flatten_{key}', nn.Flatten()), {line}"
    if kind in ("Linear", "Flatten"):
        is_map = False
    elif kind.startswith(_MAPS):
        is_map = True
    return line, "", is_map, is_flattened


def _quoted(arguments: str) -> str:
    """Arguments with words in quotes: PyTorch prints `padding_mode=reflect`."""
    return _WORD.sub(lambda found: found[0] if found[2] in _LITERALS else f"{found[1]}='{found[2]}'", arguments)
