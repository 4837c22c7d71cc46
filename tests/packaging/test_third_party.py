"""The notices of third parties: one for each package that is needed to run, with the text of its licence."""

from __future__ import annotations

import re
import runpy
from importlib.metadata import Distribution
from typing import Any

import pytest

from tests.places import ROOT

SCRIPT = runpy.run_path(str(ROOT / "packaging" / "third_party.py"))
HEADING = re.compile(
    r"^={78}\n(?P<name>\S+) (?P<version>\d\S*)\nLicence: (?P<licence>.+)\nProject: (?P<home>https?://.+)\n={78}\n"
)


@pytest.fixture(scope="module")
def notices() -> str:
    return (ROOT / "THIRD-PARTY.txt").read_text(encoding="utf-8")


def sections(notices: str) -> dict[str, tuple[re.Match[str], str]]:
    """The heading and the text of each package's section, by its name."""
    starts = [*re.finditer(HEADING.pattern, notices, re.M)]
    ends = [*(match.start() for match in starts[1:]), len(notices)]
    return {
        SCRIPT["normal"](match["name"]): (match, notices[match.end() : end])
        for match, end in zip(starts, ends, strict=True)
    }


def test_every_package_that_is_needed_to_run_has_its_notice(notices: str) -> None:
    needed: list[Distribution] = SCRIPT["runtime_packages"]()
    assert {"pyside6-essentials", "numpy", "msgspec"} <= {SCRIPT["normal"](package.name) for package in needed}
    assert sorted(sections(notices)) == [SCRIPT["normal"](package.name) for package in needed]


def test_the_versions_are_those_that_are_tested(notices: str) -> None:
    pins = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8")
    tested = {(SCRIPT["normal"](name), version) for name, version in re.findall(r"^([\w.-]+)==([^;\s]+)", pins, re.M)}
    noted = {(name, match["version"]) for name, (match, _) in sections(notices).items()}
    assert noted - tested == set(), "run packaging/third_party.py after a change of packaging/constraints.txt"


def test_every_notice_has_a_text(notices: str) -> None:
    short = {name for name, (_, text) in sections(notices).items() if len(text) < 500 and "same text as" not in text}
    assert short == set()
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "GNU GENERAL PUBLIC LICENSE", "Apache License", "Lucide"):
        assert words in notices


def test_a_package_without_a_text_is_named() -> None:
    class Bare:
        name = "bare"
        files: tuple[Any, ...] = ()

    with pytest.raises(LookupError, match=r"bare carries no licence text; add it to packaging/licences"):
        SCRIPT["texts_of"](Bare())
