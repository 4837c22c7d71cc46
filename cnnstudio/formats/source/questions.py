"""All that a file leaves open, asked for at once: what an answer would lead to is looked for before."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import structs

from cnnstudio.formats.fault import FileError, OpenQuestion
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source.language.values import clause

MAX_ROUNDS = 4
_USUAL = (
    (re.compile("rate|drop|alpha|ratio", re.IGNORECASE), "0.5"),
    (re.compile("shape", re.IGNORECASE), "(64, 64, 3)"),
    (re.compile(""), "8"),
)
"""Values by the names that ask for them, with which a file is read on; none of them is told or kept."""


def whole(question: OpenQuestion, options: ReadOptions, read: Callable[[ReadOptions], object]) -> OpenQuestion:
    """The question with the names of all that is asked for after it, each once."""
    if question.is_size_open or not question.arguments:
        return question
    names = list(question.arguments)
    for _ in range(MAX_ROUNDS):
        given = (*options.arguments, *((name, _value(name)) for name in names))
        try:
            read(structs.replace(options, arguments=given))
        except OpenQuestion as other:
            more = [name for name in other.arguments if name not in names]
            if not more:
                break
            names += more
        except FileError:
            break
        else:
            break
    later = [name for name in names if name not in question.arguments]
    if not later:
        return question
    settings = " ".join(f"--set {name if name.isidentifier() else chr(34) + name + chr(34)}=..." for name in later)
    first = question.faults[0]
    fault = structs.replace(first, sentence=f"{clause(first.sentence)}; then {settings} too.")
    return OpenQuestion(
        question.source,
        [fault, *question.faults[1:]],
        arguments=tuple(names),
        choices=question.choices,
        network=question.network,
        is_size_open=question.is_size_open,
    )


def _value(name: str) -> str:
    return next(value for pattern, value in _USUAL if pattern.search(name))
