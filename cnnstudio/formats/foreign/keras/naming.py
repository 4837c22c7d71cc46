"""Blocks from names: `conv2_block1_1_conv` belongs to the block `conv2_block1`."""

from __future__ import annotations

import re

from cnnstudio.formats.foreign.draft import Draft

_TOKEN = re.compile(r"[^_]+")
_AUTOMATIC = re.compile(r"([a-z0-9_]*?[a-z][a-z0-9]*)(?:_\d+)?")
_TYPE = re.compile(r"[a-z]+[123]d", re.IGNORECASE)
"""A word such as `conv2d`, whose number is not one of a block."""


def path_of(name: str) -> tuple[str, ...]:
    """The parts of a name after each of which a block may begin.

    A part ends at a word with a number in it (`block1a`), or at a number after a word (`block_1`), if more follows.
    """
    parts: list[str] = []
    start = 0
    before_is_numbered = True
    tokens = list(_TOKEN.finditer(name))
    for index, token in enumerate(tokens[:-1]):
        text = token.group()
        is_number = text.isdigit()
        has_number = any(sign.isdigit() for sign in text) and text[:1].isalpha() and not _TYPE.fullmatch(text)
        if (has_number or (is_number and index and not before_is_numbered)) and token.end() > start:
            parts.append(name[start : token.end()])
            start = token.end() + 1
        before_is_numbered = has_number or is_number
    parts.append(name[start:])
    return tuple(part for part in parts if part) or (name,)


def gather_unnamed(draft: Draft) -> None:
    """Puts layers with automatic names, such as `activation_17`, into the block between whose layers they stand."""
    steps = draft.steps
    for index in range(1, len(steps) - 1):
        step, before = steps[index], steps[index - 1]
        if len(step.path) != 1 or len(before.path) < 2 or not _AUTOMATIC.fullmatch(step.path[0]):
            continue
        block = before.path[:-1]
        after = next((later for later in steps[index + 1 : index + 6] if len(later.path) > 1), None)
        if after is not None and after.path[: len(block)] == block and index - 1 in step.inputs:
            step.path = (*block, _AUTOMATIC.sub(r"\1", step.path[0]))
