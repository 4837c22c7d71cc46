"""Tries a failed test a second time, and names one that then passes: it is flaky, and wants mending."""

from __future__ import annotations

import pytest

TITLE = "failed at first and passed when tried again"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --second-try` runs what failed in the last run, and ends with the names of what passes now."""
    parser.addoption("--second-try", action="store_true", help="run what failed last, and name what passes now")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A second try is of what failed, and of nothing if nothing did."""
    if config.getoption("--second-try"):
        config.option.lf, config.option.last_failed_no_failures = True, "none"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a test, at the very end."""
    if not terminalreporter.config.getoption("--second-try"):
        return
    names = [report.nodeid for report in terminalreporter.stats.get("passed", ())]
    if names:
        terminalreporter.section(f"{len(names)} {TITLE}", yellow=True)
    for name in names:
        terminalreporter.write_line(f"Flaky: {name}")
