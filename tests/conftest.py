"""Qt runs without a screen here, whatever the machine has; tests that need one start their own."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.examples", "tests.golden", "tests.second_try", "tests.stone"]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

gc.disable()
MAX_YOUNG = 100_000
MAX_WORKERS = 8
"""Each holds the whole program, and needs some seconds to import it."""


@pytest.fixture(autouse=True)
def collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Garbage is collected between tests, in the thread that runs them, and during properties that have no window.

    As in the studio: what holds Qt objects must not be collected in whichever thread happens to allocate. So what other
    tests have left is collected first, and what is alive is frozen. Properties make much garbage, and looking at it is
    quicker while it still is in the cache of the processor.
    """
    if "qapp" not in request.fixturenames and getattr(request.function, "is_hypothesis_test", False):
        gc.collect()
        gc.freeze()
        gc.enable()
        yield
        gc.disable()
    else:
        yield
        if gc.get_count()[0] > MAX_YOUNG:
            gc.collect()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker for each processor, and one more for the tests of the real window, which wait most of the time."""
    waiting = 0 if config.getoption("--quick") else 1
    return min(MAX_WORKERS, (os.cpu_count() or 1) + waiting)


def pytest_collection_finish() -> None:
    """Freezes what importing the tests made, so that it is not looked at whenever garbage is collected."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --regenerate` writes the goldens anew instead of comparing with them; look at the difference then."""
    parser.addoption("--regenerate", action="store_true", help="write the goldens anew")
    parser.addoption("--kills", type=int, default=12, help="how often saving is killed; 1000 takes some minutes")
    parser.addoption("--bounds", type=int, default=0, help="random designs to put through every command, and the rest")
    parser.addoption("--actions", type=int, default=120, help="how many random actions the window takes")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """The number of times that a program is killed while it saves."""
    return int(request.config.getoption("--kills"))


@pytest.fixture
def actions(request: pytest.FixtureRequest) -> int:
    """The number of random actions that are done to the window."""
    return int(request.config.getoption("--actions"))
