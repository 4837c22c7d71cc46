"""Prints what a screen reader is told of a program, by AT-SPI: run by the system's Python, which has pyatspi.

`python3 spoken.py NAME` writes a JSON list of everything that shows in the application of this name.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

# By its name, as the project's own Python does not have it.
pyatspi: Any = import_module("pyatspi")
PATIENCE_SECONDS = 60
MAX_CHILDREN = 60


def main(name: str) -> None:
    """Waits for the application and writes what it tells."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        desktop = pyatspi.Registry.getDesktop(0)
        found = [child for child in desktop if child is not None and child.name == name]
        told = [entry for application in found for entry in walk(application, "")]
        if any(entry["name"] == "Layer table" for entry in told):
            json.dump(told, sys.stdout)
            return
        time.sleep(0.5)
    sys.exit(f"no application '{name}' tells of its layer table")


def walk(node: Any, inside: str) -> Iterator[dict[str, Any]]:
    """The node and all below it that shows, each with the name of the list or table that it lies in."""
    states = node.getState()
    role = node.getRoleName()
    if role != "application" and not states.contains(pyatspi.STATE_SHOWING):
        return
    yield {
        "role": role,
        "name": node.name,
        "description": node.description,
        "value": value_of(node),
        "inside": inside,
        "is_focusable": states.contains(pyatspi.STATE_FOCUSABLE),
        "is_selected": states.contains(pyatspi.STATE_SELECTED),
        "has_relation": bool(list(node.getRelationSet())),
    }
    within = node.name if role in ("table", "tree", "tree table", "list") else inside
    for place in range(min(node.childCount, MAX_CHILDREN)):
        child = node.getChildAtIndex(place)
        if child is not None:
            yield from walk(child, within)


def value_of(node: Any) -> str:
    """The text or the number that it holds; empty if it holds none."""
    try:
        text = node.queryText()
        return str(text.getText(0, text.characterCount))
    except NotImplementedError:
        pass
    try:
        return str(node.queryValue().currentValue)
    except NotImplementedError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1])
