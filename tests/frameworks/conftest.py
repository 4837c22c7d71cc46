"""Options of the framework tests: how many random layers and designs are tried."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--layers N` and `--designs N`: more random cases than usual."""
    parser.addoption("--layers", type=int, default=200, help="random single layers to try")
    parser.addoption("--designs", type=int, default=60, help="random designs to try")
    parser.addoption("--first", type=int, default=0, help="the seed of the first case")


def seeds(config: pytest.Config, option: str) -> range:
    """The seeds of the random cases that are to be tried."""
    first = int(config.getoption("--first", 0))
    return range(first, first + int(config.getoption(f"--{option}", 1)))
