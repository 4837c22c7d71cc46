"""A program that was followed, and one network of it as a draft."""

from __future__ import annotations

import ast

from msgspec import Struct

from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.source.candidates import Candidate
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.places import Places
from cnnstudio.formats.source.project.calls import Calls


class Script(Struct):
    """A program that was followed, and the networks found in it.

    `notes` are what was assumed where it was made of what a framework prints of a network; `elsewhere` looks for what
    the rest of its project says.
    """

    program: Program
    libraries: Libraries
    tree: ast.Module
    text: str
    places: Places
    candidates: list[Candidate]
    notes: list[str] = []
    elsewhere: Calls | None = None


class Found(Struct):
    """A network as a draft, its framework, and the learned numbers that the source makes; None if nobody tells.

    `other` ends the name of the network that its author may have meant, "" if there is none such.
    """

    draft: Draft
    framework: str
    stated: int | None
    other: str = ""
