"""The amount that is tried: examples of a property, and cases of a test that is given many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES: Final = {"quick": 6, "full": 60, "thorough": 1_000}
"""Examples of a property by the profile: `pytest --quick`, `pytest`, `pytest --hypothesis-profile thorough`.

The first two try the same examples every time, so that a run tells of the change that it tries and of nothing else.
Only the last one looks for what nobody has seen yet: `make hunt`.
"""
MIN_EXAMPLES: Final = 2
QUICK_CASES: Final = 6
"""Cases of a parametrized test that a quick run tries, of all layer types, built-in designs or hostile names."""
_T = TypeVar("_T")

# How long an example takes says more about the machine than about the code; random designs that are valid are found by
# many tries; and a fixture that is made once for all examples of a property is meant to be.
_UNCHECKED: Final = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.function_scoped_fixture,
)
for _profile, _number in EXAMPLES.items():
    settings.register_profile(
        _profile,
        max_examples=_number,
        derandomize=_profile != "thorough",
        deadline=None,
        suppress_health_check=_UNCHECKED,
    )
settings.load_profile("full")


def share(part: float, **options: Any) -> settings:
    """A decorator for a property that costs much an example, or that is tried for each of many types.

    What has no such decorator gets the whole number. The profile is chosen before any test is imported.
    """
    return settings(max_examples=max(MIN_EXAMPLES, round(settings().max_examples * part)), **options)


def spread(several: Sequence[_T], number: int) -> list[_T]:
    """So many of them at most: the first, the last, and some evenly between."""
    if len(several) <= number:
        return list(several)
    return [several[place * (len(several) - 1) // (number - 1)] for place in range(number)]


def some(several: Iterable[_T]) -> list[_T]:
    """All of them; in a quick run as many as it has cases of a test. For tests that are given many in a loop."""
    chosen = list(several)
    return spread(chosen, QUICK_CASES) if settings().max_examples <= EXAMPLES["quick"] else chosen


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --quick` answers within a minute: few examples, some cases of each test, and no real window."""
    parser.addoption("--quick", action="store_true", help="few examples, some cases of each test, no real window")


def pytest_configure(config: pytest.Config) -> None:
    """Chooses the number of examples, before the tests are imported that take a share of it."""
    if config.getoption("--quick"):
        settings.load_profile("quick")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what a quick run does."""
    if not config.getoption("--quick"):
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("xvfb") is None:
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    kept = {item for several in cases.values() for item in spread(several, QUICK_CASES)}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
