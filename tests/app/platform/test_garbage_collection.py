"""Garbage is collected between events and nowhere else, or Qt objects would end in threads that are not theirs."""

from __future__ import annotations

import gc
import weakref

import pytest

from cnnstudio.app.platform import garbage_collection as garbage
from cnnstudio.app.platform.garbage_collection import GarbageCollector

pytestmark = pytest.mark.usefixtures("qapp")


class Ring:
    """Garbage as soon as nobody else knows it: it refers to itself."""

    def __init__(self) -> None:
        self.me = self


def dropped_ring() -> weakref.ref[Ring]:
    return weakref.ref(Ring())


def test_python_collects_nothing_by_itself() -> None:
    gc.enable()
    GarbageCollector().deleteLater()
    assert not gc.isenabled()
    ring = dropped_ring()
    heap = [[number] for number in range(100_000)]
    assert ring() is not None
    assert heap


def test_little_garbage_is_left_and_much_is_collected() -> None:
    collector = GarbageCollector()
    gc.collect()
    ring = dropped_ring()
    collector.collect()
    assert ring() is not None
    heap = [[number] for number in range(garbage.MAX_YOUNG)]
    collector.collect()
    assert ring() is None
    assert heap
    collector.deleteLater()


def test_what_the_start_made_is_not_looked_at_again() -> None:
    collector = GarbageCollector()
    kept = Ring()
    ring = weakref.ref(kept)
    before = gc.get_freeze_count()
    collector.settle()
    assert gc.get_freeze_count() > before
    del kept
    gc.collect()
    assert ring() is not None
    gc.unfreeze()
    gc.collect()
    assert ring() is None
    collector.deleteLater()
