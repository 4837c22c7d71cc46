"""Exports as programs and the command line ask for them: the target, its choices, and where the files go."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from cnnstudio.core.network.problem import require_known
from cnnstudio.exports import TARGETS
from cnnstudio.exports.target import Exported, ExportOptions, Target, Weights
from cnnstudio.formats.saving.output import require_other, write_output

WEIGHTS: tuple[Weights, ...] = get_args(Weights)
Spelling = Callable[[str], str]
"""The way to write the name of a choice in a sentence: `--class-name` on a command line."""


def quoted(name: str) -> str:
    """A choice as programs write it."""
    return f"`{name}`"


def target_of(to: str | None, path: Path | None, spelled: Spelling = quoted) -> Target:
    """The target that is named, or that the suffix of the file says; ValueError if neither does."""
    if to is not None:
        return TARGETS[require_known(to, TARGETS, "target")]
    suffix = "" if path is None else path.suffix.lower()
    fitting = [target for target in TARGETS.values() if suffix in target.suffixes]
    if len(fitting) == 1:
        return fitting[0]
    names = [target.key for target in fitting] or list(TARGETS)
    what = f"'{suffix}' is the suffix of several targets; say" if fitting else "say"
    raise ValueError(f"{what} with {spelled('to')} which target is meant: {', '.join(names)}.")


def options_for(target: Target, flat: bool, class_name: str, weights: str, spelled: Spelling = quoted) -> ExportOptions:
    """The choices for a target; ValueError for what means nothing to it, or for a name that Python does not take."""
    require_known(weights, WEIGHTS, "kind of weights")
    stated = {"flat": flat, "class_name": bool(class_name), "weights": weights != "none"}
    for name, is_stated in stated.items():
        if is_stated and name not in target.choices:
            raise ValueError(f"{spelled(name)} means nothing to {target.title}.")
    if class_name and (not class_name.isidentifier() or keyword.iskeyword(class_name)):
        raise ValueError(f"{spelled('class_name')} needs a name that Python takes, and received '{class_name}'.")
    return ExportOptions(flat, class_name, "none" if weights == "none" else "seeded")


def require_alone(exported: Exported, remedy: str) -> None:
    """ValueError for content that needs files beside it, and has no place of its own."""
    if exported.companions:
        raise ValueError(f"this file needs another beside it for its weights; {remedy}.")


def deliver(exported: Exported, path: Path, source: Path | None) -> None:
    """Writes the file, and before it what must lie beside it.

    Raises ValueError if it would replace the design that it was made of, or has a name that no file can have, and
    OSError if it cannot be written.
    """
    require_other(path, () if source is None else (source,), "export")
    try:
        for name, content in exported.companions_of(path.name):
            write_output(path.with_name(name), b"".join(content))
        write_output(path, exported.content_of(path.name))
    except ValueError:
        raise ValueError(f"{path} cannot be written: no file can have this name.") from None
