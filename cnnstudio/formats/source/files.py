"""Python source and notebooks as drafts; files beside the opened one are read where it imports them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from cnnstudio.formats.fault import FileError, FileFault, OpenQuestion
from cnnstudio.formats.foreign.source import Source
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.source import questions
from cnnstudio.formats.source.frameworks import Libraries
from cnnstudio.formats.source.language.parsing import parse, walked
from cnnstudio.formats.source.language.program import FindModule, Program
from cnnstudio.formats.source.language.values import NotFollowed
from cnnstudio.formats.source.places import FILE_LINES, MAX_BYTES, Places, read_text, without_magics
from cnnstudio.formats.source.printed import tables, trees
from cnnstudio.formats.source.project import data
from cnnstudio.formats.source.project.calls import Calls
from cnnstudio.formats.source.project.folders import MAX_FOLDERS_UP, is_project, up
from cnnstudio.formats.source.reading import followed, read
from cnnstudio.formats.source.script import Script

_LIBRARIES = ("keras", "tensorflow", "torch", "torchvision", "numpy")
"""Packages that mean the library, also in a project that holds a copy of it."""
_FOLDER = re.compile(r"^(?:\.\./?){0,4}(?:[\w-]+/?){0,4}$")
_AS_IT_IS = ReadOptions()
_LINE = re.compile(r"\bline (\d{1,9})\b")
_ASKED = re.compile(r"--set (?:\"([^\"]+)\"|(\w+))=")


def read_source(path: Path, options: ReadOptions) -> Source:
    """The network of a file; FileError, with the line, if none can be read: an OpenQuestion, if it can be answered."""
    try:
        return _read(path, options)
    except OpenQuestion as question:
        raise questions.whole(question, options, lambda given: _read(path, given)) from None


def _read(path: Path, options: ReadOptions) -> Source:
    places = Places()
    choices: tuple[str, ...] = ()
    try:
        script = _script(path, places, options)
        choices = tuple(item.name for item in script.candidates)
        return read(script, path.stem, options)
    except NotFollowed as refusal:
        raise file_error(path, places, refusal, choices, options) from None


def networks_in(path: Path, options: ReadOptions) -> list[tuple[str, str, tuple[str, ...]]]:
    """The networks of a file: the name of each, its place, and the arguments that it needs."""
    places = Places()
    try:
        script = _script(path, places, options)
    except NotFollowed as refusal:
        raise file_error(path, places, refusal) from None
    return [(item.name, places.of(item.line).text, item.missing) for item in script.candidates]


def file_error(
    path: Path,
    places: Places,
    refusal: NotFollowed,
    choices: tuple[str, ...] = (),
    options: ReadOptions = _AS_IT_IS,
) -> FileError:
    """A refusal with its place in the file; a question where the user can say what is missing."""
    place = places.of(refusal.line)
    said = _LINE.sub(lambda found: places.of(int(found[1])).text, refusal.sentence)
    sentence = f"{place.text}: {said}" if place.where else said
    faults = [FileFault(0 if place.where else place.line, 1 if place.line else 0, sentence)]
    asked = tuple(dict.fromkeys(found[1] or found[2] for found in _ASKED.finditer(refusal.sentence)))
    is_size_open = "--input-size" in refusal.sentence
    if not asked and not is_size_open and "--network" not in refusal.sentence:
        return FileError(str(path), faults)
    named = next((name for name in choices if refusal.sentence.startswith(f"{name} ")), "")
    return OpenQuestion(
        str(path),
        faults,
        arguments=asked,
        choices=choices,
        network=options.network or named,
        is_size_open=is_size_open,
    )


def _script(path: Path, places: Places, options: ReadOptions) -> Script:
    text = read_text(path, places)
    printed = trees.as_source(text) or tables.as_source(text, options.input_size[0] if options.input_size else None)
    if printed is not None:
        script = followed(printed[0], parse(printed[0]), places, _finder(path, places, []), options)
        script.notes = printed[1]
        return script
    try:
        tree = parse(text)
    except NotFollowed:
        text = without_magics(text)
        tree = parse(text)
    script = followed(text, tree, places, _finder(path, places, _added_folders(tree)), options, data.finder(path))
    script.elsewhere = Calls(path, lambda other, found: _program(other, found))
    return script


def _program(path: Path, tree: ast.Module) -> Program:
    """Another file of the project, to be followed for what it says of a network."""
    libraries = Libraries()
    program = Program(libraries, _finder(path, Places(), _added_folders(tree)), {})
    program.data = data.finder(path)
    libraries.attach(program)
    return program


def _added_folders(tree: ast.Module) -> list[str]:
    """The folders that a script adds to `sys.path`, at most some folders up."""
    found = []
    for node in walked(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in ("append", "insert"):
            continue
        if ast.unparse(node.func) in ("sys.path.append", "sys.path.insert"):
            words = [item.value for item in node.args if isinstance(item, ast.Constant)]
            found += [word for word in words if isinstance(word, str) and _FOLDER.match(word)]
    return found


def _finder(path: Path, places: Places, folders: list[str]) -> FindModule:
    """Finds modules beside a file, in the folders that it names, or above it as far as these are of one project."""
    known: dict[Path, ast.Module | None] = {}
    more = [(path.parent / words).resolve() for words in folders]

    def find(name: str, level: int, line: int) -> tuple[str, ast.Module] | None:
        parts = [part for part in name.split(".") if part]
        if not all(part.isidentifier() for part in parts) or (not parts and not level):
            return None
        if not level and parts[0] in _LIBRARIES:
            return None
        folder = (places.file_of(line) or path).parent
        starts = [up(folder, level - 1)] if level else [up(folder, times) for times in range(MAX_FOLDERS_UP + 1)]
        for start in [*(more if not level else []), *starts]:
            found = _module_file(start, parts)
            if found is not None and found.resolve() != path.resolve():
                if found not in known:
                    known[found] = _parsed(found, places)
                tree = known[found]
                return None if tree is None else (str(found), tree)
            if not level and start not in more and not is_project(start):
                break
        return None

    return find


def _module_file(start: Path, parts: list[str]) -> Path | None:
    target = start.joinpath(*parts)
    for candidate in (target.with_suffix(".py") if parts else target / "__init__.py", target / "__init__.py"):
        if candidate.is_file() and "site-packages" not in candidate.parts:
            return candidate
    return None


def _parsed(path: Path, places: Places) -> ast.Module | None:
    if path.stat().st_size > MAX_BYTES or len(places.files) * FILE_LINES > 1_000 * FILE_LINES:
        return None
    try:
        return parse(path.read_text(encoding="utf-8-sig", errors="replace"), places.add_file(path))
    except (OSError, NotFollowed):
        return None
