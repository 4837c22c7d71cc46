"""Goldens: texts that are kept, and compared to the letter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.places import GOLDENS

Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with the golden of that name, or, with --regenerate, makes it the golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDENS / name
        if request.config.getoption("--regenerate"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
