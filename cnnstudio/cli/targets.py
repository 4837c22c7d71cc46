"""The files that the reports of one or many designs are written to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from cnnstudio.app.reports.forms import FORMS
from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.saving import require_other
from cnnstudio.formats import without_suffix
from cnnstudio.reports.form_table import form_named, form_of_path

STANDARD_OUTPUT = "-"
NAME = "{name}"
_BINARY = ("pdf", "xlsx")


class ReportTarget(Struct, frozen=True):
    """One design, where its report goes and in what form, and the same for the key of a worksheet."""

    source: str
    path: str
    form: str
    key_path: str = ""
    key_form: str = ""

    def files(self) -> Iterator[tuple[str, str, bool]]:
        """Path, form, and whether it is the key."""
        yield self.path, self.form, False
        if self.key_path:
            yield self.key_path, self.key_form, True


def targets_of(sources: list[str], output: str, form: str | None, key: str | None) -> list[ReportTarget]:
    """A target for each design, no two of them the same; UsageError or ReportError where that cannot be."""
    targets = [
        ReportTarget(
            source, *_place(source, output, form, ""), *(_place(source, key, form, "-key") if key else ("", ""))
        )
        for source in sources
    ]
    _require_different([path for target in targets for path, _, _ in target.files()], sources)
    for place in (output, key):
        if place and _names_folder(place):
            _make_folder(place)
    return targets


def _names_folder(place: str) -> bool:
    return place.endswith(("/", os.sep)) or os.path.isdir(place)


def _place(source: str, place: str, form: str | None, suffix: str) -> tuple[str, str]:
    """The path and the form of the report on one design."""
    if place == STANDARD_OUTPUT:
        return place, _printed_form(form)
    if _names_folder(place):
        if form is None:
            raise UsageError(f"'{place}' is a folder; say with --format which format the reports in it have.")
        return os.path.join(place, f"{_stem(source)}{suffix}.{form}"), form
    path = place.replace(NAME, _stem(source))
    return path, form if form is not None else form_of_path(Path(path), FORMS).key


def _printed_form(form: str | None) -> str:
    if form is None:
        raise UsageError("say with --format which format is written to standard output.")
    key = form_named(form, FORMS).key
    # Bytes of a PDF would switch a terminal into other modes.
    if key in _BINARY and sys.stdout.isatty():
        raise UsageError(f"a terminal cannot show {FORMS[key].title}; send it to a file or a program.")
    return key


def _stem(source: str) -> str:
    """The name of a design's file without its suffix, or that of a built-in design."""
    return without_suffix(Path(source).name)


def _require_different(paths: list[str], sources: list[str]) -> None:
    """UsageError where one report would overwrite another, or a design."""
    seen: set[str] = set()
    for path in paths:
        if path == STANDARD_OUTPUT:
            continue
        require_other(path, sources, "report")
        if _identity(path) in seen:
            raise UsageError(
                f"several reports would be written to {path}; give a folder, as -o reports/ --format pdf, "
                f"or a name with {NAME} in it."
            )
        seen.add(_identity(path))
    if len(sources) > 1 and STANDARD_OUTPUT in paths:
        raise UsageError("several designs cannot go to standard output; give a folder, or a name with {name} in it.")


def _identity(path: str) -> str:
    """A key that is equal for two names of one file."""
    # `a.md` and `./A.md` are one file on Windows, and a link is the file that it leads to.
    return os.path.normcase(os.path.realpath(path))


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the folder {folder} cannot be made: {error.strerror}.") from None
