"""Prints what a screen reader is told of a program, by AT-SPI: run by the system's Python, which has pyatspi.

`python3 spoken.py NAME LAYER` writes a JSON list of everything that shows in the application of this name, once that
tells that this layer, the second of its list, is selected.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

# By its name, as the project's own Python does not have it.
pyatspi: Any = import_module("pyatspi")
PATIENCE_SECONDS = 60
PAUSE_SECONDS = 0.2
"""The time between two looks."""
MAX_CHILDREN = 60


def main(name: str, layer: str) -> None:
    """Waits for the application, selects the layer, and writes what it tells."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        desktop = pyatspi.Registry.getDesktop(0)
        found = [child for child in desktop if child is not None and child.name == name]
        told = [entry for application in found for entry in walk(application, "")]
        chosen = {(entry["inside"], entry["name"].partition(",")[0]) for entry in told if entry["is_selected"]}
        if chosen >= {("Layer table", f"Layer: {layer}"), ("Layers", layer)}:
            json.dump(told, sys.stdout)
            return
        if told:
            # A key that comes before the window listens is lost; these two lead to the same layer however often.
            subprocess.run(["xdotool", "key", "Home", "Down"], check=False)
        time.sleep(PAUSE_SECONDS)
    sys.exit(f"no application '{name}' tells that '{layer}' is selected")


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
    main(*sys.argv[1:])
