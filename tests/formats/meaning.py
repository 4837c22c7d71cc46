"""The meaning of a file: every field of every item, defaults included, and what the design counts to."""

from __future__ import annotations

import json
from typing import Any

from msgspec import structs

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.comments import lines_of
from cnnstudio.core.network.design import Design, Item, walk
from cnnstudio.formats.design_file import DesignFile

TOTALS = ("parameters", "weights", "biases", "state", "trainable", "macs", "activations", "layers", "uncounted")


def meaning_of(file: DesignFile) -> dict[str, Any]:
    """The meaning as plain values of JSON."""
    totals = analyze(file.design).totals
    meaning = {
        "design": _fields(file.design),
        "totals": {key: getattr(totals, key) for key in TOTALS},
        "comments": _comments(file.design),
        "lines": file.lines,
    }
    plain: dict[str, Any] = json.loads(json.dumps(meaning))
    return plain


def _comments(design: Design) -> dict[str, Any]:
    """The comments above all of the file, and how many others there are."""
    leading = [line for comment in design.comments if not comment.field for line in comment.above]
    holders = (design, *(item for _, item in walk(design.layers)))
    lines = [line for holder in holders for line in lines_of(holder.comments) if line]
    return {"leading": "".join(f"{line}\n" for line in leading), "others": len(lines) - len([*filter(None, leading)])}


def _fields(holder: Design | Item) -> dict[str, Any]:
    kind = {} if isinstance(holder, Design) else {"type": holder.type_name}
    values = {field.name: getattr(holder, field.name) for field in structs.fields(holder) if field.name != "comments"}
    if "layers" in values:
        values["layers"] = [_fields(item) for item in values["layers"]]
    return kind | values


def contradicts(recorded: Any, found: Any) -> bool:
    """True if something recorded is different now; what is found besides, as a field added since, does not matter."""
    if isinstance(recorded, dict) and isinstance(found, dict):
        return any(key not in found or contradicts(value, found[key]) for key, value in recorded.items())
    if isinstance(recorded, list) and isinstance(found, list):
        pairs = zip(recorded, found, strict=False)
        return len(recorded) != len(found) or any(contradicts(old, new) for old, new in pairs)
    return bool(recorded != found or type(recorded) is not type(found))
