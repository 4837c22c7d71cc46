"""The arguments with which another file of a project makes a network."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from cnnstudio.formats.source.facts import called_by
from cnnstudio.formats.source.language.limits import Exhausted
from cnnstudio.formats.source.language.parsing import parse, walked
from cnnstudio.formats.source.language.program import Program
from cnnstudio.formats.source.language.values import Class, Foreign, Function, Namespace, NotFollowed, Raised, Unknown
from cnnstudio.formats.source.project.data import as_settings, of_text
from cnnstudio.formats.source.project.folders import MAX_TEXTS, files_around, text_of

MAX_READ = 6
MAX_SECONDS, MAX_STEPS = 2.0, 150_000
"""The time for looking, and the steps of one file that is followed for what it says."""
MAX_DEPTH, MAX_VALUES = 6, 20_000
"""The depth to which values of another file are nested, and the number of them that is taken over."""
_OF_SETTINGS = (".py", ".yaml", ".yml", ".json")
_FENCED = re.compile(r"^```(?:python|py)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""Examples in a text."""
Follow = Callable[[Path, ast.Module], Program]
"""Makes a program that follows a file of the project."""


class Said(Struct, frozen=True):
    """Arguments by their names, and the file and line that say them."""

    values: dict[str, Any]
    file: str
    line: int


class Calls:
    """Looks through the files of a project for calls of what the opened one defines."""

    def __init__(self, path: Path, follow: Follow) -> None:
        self.path = path
        self.follow = follow

    def of(self, name: str, maker: Function, missing: list[str], own: dict[str, Any]) -> Said | None:
        """The first call that says all of the missing arguments. `own` are the names of the opened file."""
        bare = name.rpartition(".")[2]
        end = time.monotonic() + MAX_SECONDS
        for path, text in self._texts(bare):
            if time.monotonic() > end:
                return None
            try:
                tree = parse(text)
            except NotFollowed:
                continue
            names = {bare, *_aliases(tree, bare)}
            calls = [node for node in walked(tree) if isinstance(node, ast.Call) and called_by(node) in names]
            for line, values in self._said(path, tree, bare, maker, calls):
                take = _Plain(own)
                plain = {key: take.of(value) for key, value in values.items()}
                known = {key: value for key, value in plain.items() if not isinstance(value, Unknown)}
                if all(key in known for key in missing):
                    return Said(known, path.name, line)
        return None

    def settings(self, fields: list[list[str]]) -> tuple[Any, str] | None:
        """Settings of the project that say all of these, and the file that holds them."""
        words = [re.compile(rf"\b{re.escape(path[-1])}\b") for path in fields]
        whole: list[tuple[Any, str]] = []
        for path, text in self._holding(words)[:MAX_READ]:
            found = next((item for item in self._held(path, text) if _are_stated(item, fields)), None)
            if found is not None:
                whole.append((found, path.name))
                if self._is_meant(path):
                    return whole[-1]
        # Of several files that are not for this network by their names, nobody knows which is.
        return whole[0] if len(whole) == 1 else None

    def _holding(self, words: list[re.Pattern[str]]) -> list[tuple[Path, str]]:
        """The files that hold all of the words, those that have the name of the opened one first."""
        texts = ((path, text_of(path)) for path in files_around(self.path, _OF_SETTINGS)[:MAX_TEXTS])
        found = [(path, text) for path, text in texts if text and all(word.search(text) for word in words)]
        return sorted(found, key=lambda row: not self._is_meant(row[0]))

    def _is_meant(self, path: Path) -> bool:
        """True for a file whose name tells that it is for the opened one, or for all."""
        own, other = (item.stem.lower().replace("_", "").replace("-", "") for item in (self.path, path))
        return own in other or other in own or path.suffix == ".py"

    def _held(self, path: Path, text: str) -> Iterator[Any]:
        """The objects of settings of a file."""
        try:
            if path.suffix.lower() != ".py":
                yield as_settings(of_text(text, is_json=path.suffix.lower() == ".json"))
                return
            tree = parse(text)
            program = self.follow(path, tree)
            program.budget.allowed = MAX_STEPS
            program.run(tree)
        except (NotFollowed, Raised, RecursionError):
            return
        yield from (value for value in program.scope.names.values() if isinstance(value, Namespace) and value.is_open)

    def _texts(self, bare: str) -> Iterator[tuple[Path, str]]:
        call = re.compile(rf"\b{re.escape(bare)}\b")
        stem = re.compile(rf"(?:from|import)\b[^\n]*\b(?:{re.escape(self.path.stem)}|{re.escape(self._package)})\b")
        read = 0
        for path in files_around(self.path, (".py", ".md"))[:MAX_TEXTS]:
            text = text_of(path)
            if path.suffix.lower() == ".md":
                text = "\n".join(found[1] for found in _FENCED.finditer(text))
            # Another file may define and call a network of the same name.
            is_own = re.search(rf"^(?:class|def) {re.escape(bare)}\b", text, re.MULTILINE) is not None
            if call.search(text) and stem.search(text) and not is_own:
                yield path, text
                read += 1
                if read >= MAX_READ:
                    return

    @property
    def _package(self) -> str:
        return self.path.parent.name or self.path.stem

    def _said(
        self, path: Path, tree: ast.Module, bare: str, maker: Function, calls: list[ast.Call]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The arguments of each call: as the file makes it when it is followed, else as its expressions say."""
        if calls and all(_is_literal(item) for node in calls for item in _parts(node)):
            yield from self._literal(maker, calls)
            return
        if path.suffix.lower() == ".md":
            return
        try:
            program = self.follow(path, tree)
            program.watched = {bare: []}
            program.budget.allowed = MAX_STEPS
            program.run(tree)
        except (Exhausted, RecursionError):
            pass
        except (NotFollowed, Raised):
            return
        watched = program.watched or {}
        yield from ((line, _bound(maker, given, named)) for line, given, named in watched.get(bare, []))
        program.watched = None
        for node in calls:
            try:
                given = [program.value(item, program.scope) for item in node.args]
                named = {item.arg: program.value(item.value, program.scope) for item in node.keywords if item.arg}
            except (NotFollowed, Raised, RecursionError):
                continue
            yield node.lineno, _bound(maker, given, named)

    @staticmethod
    def _literal(maker: Function, calls: list[ast.Call]) -> Iterator[tuple[int, dict[str, Any]]]:
        for node in calls:
            given = [ast.literal_eval(item) for item in node.args]
            yield node.lineno, _bound(maker, given, {k.arg: ast.literal_eval(k.value) for k in node.keywords if k.arg})


def _are_stated(value: Any, fields: list[list[str]]) -> bool:
    return all(_is_stated(value, path) for path in fields)


def _is_stated(value: Any, path: list[str]) -> bool:
    """True if an object of settings has a known value under a path of names."""
    for name in path:
        if not isinstance(value, Namespace) or name not in value.attributes:
            return False
        value = value.attributes[name]
    return not isinstance(value, Unknown)


def _parts(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(item.value for item in node.keywords)]


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _aliases(tree: ast.Module, bare: str) -> Iterator[str]:
    """Other names under which a file imports something."""
    for node in walked(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (item.asname for item in node.names if item.name == bare and item.asname)


def _bound(maker: Function, given: list[Any], named: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call by the names that a function has for them."""
    code = maker.code.args
    is_bound = maker.owner is not None and maker.kind != "staticmethod"
    names = [item.arg for item in (*code.posonlyargs, *code.args)][is_bound:]
    known = {*names, *(item.arg for item in code.kwonlyargs)}
    others = {key: value for key, value in named.items() if key in known or code.kwarg is not None}
    return {**dict(zip(names, given, strict=False)), **others}


class _Plain:
    """Takes over values of another file, few of them."""

    def __init__(self, own: dict[str, Any]) -> None:
        self.own = own
        self.left = MAX_VALUES

    def of(self, value: Any, depth: int = 0) -> Any:
        """A value as the opened file may have it: numbers, texts, lists of them, and what is its own; else Unknown."""
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            return Unknown("a value of another file that holds too much")
        if value is None or isinstance(value, (bool, int, float, str, Foreign)):
            return value
        if isinstance(value, (Class, Function)):
            found = self.own.get(value.name)
            return found if type(found) is type(value) else Unknown("something of another file")
        if isinstance(value, (list, tuple)):
            parts = [self.of(item, depth + 1) for item in value]
            lost = next((part for part in parts if isinstance(part, Unknown)), None)
            return lost if lost is not None else type(value)(parts)
        if isinstance(value, dict) and all(isinstance(key, (str, int)) for key in value):
            return {key: self.of(item, depth + 1) for key, item in value.items()}
        if isinstance(value, Namespace) and value.is_open:
            inner = {key: self.of(item, depth + 1) for key, item in value.attributes.items()}
            return Namespace(value.name, inner, is_open=True)
        return Unknown("something of another file")
