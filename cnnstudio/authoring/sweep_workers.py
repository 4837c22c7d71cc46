"""The workers of a sweep: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from multiprocessing import get_context

from msgspec import Struct

from cnnstudio.installation import how_to_add

MAX_JOBS = 256
CONNECT_SECONDS = 20
"""The time within which a cluster has to answer."""


class WorkersLost(Exception):
    """There are no workers, or none any more; the text is the sentence for the user."""


class Workers(Struct, frozen=True):
    """An executor, and how many chunks it counts at a time."""

    executor: Executor
    count: int


@contextmanager
def processes(jobs: int) -> Iterator[Workers]:
    """So many processes of this machine, which end with the block; what they have not begun is dropped."""
    # Spawned, not forked: a fork copies the locks that other threads hold, and would wait for them for ever.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_leave_interrupts)
    try:
        yield Workers(pool, jobs)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts() -> None:
    # Ctrl+C reaches every process of a terminal, and only the one that collects the rows is to answer it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def cluster(address: str) -> Iterator[Workers]:
    """The workers of a Dask cluster, on which this program has to be installed; WorkersLost if it does not answer."""
    if find_spec("distributed") is None:
        raise WorkersLost(f"a Dask cluster needs the package distributed; {how_to_add('distributed')}")
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise WorkersLost(f"the Dask cluster at {address} does not answer: {error}") from None
    with client:
        count = sum(client.nthreads().values())
        if not count:
            raise WorkersLost(f"the Dask cluster at {address} has no workers")
        # Not pure: a task is named by what it is, and a cluster would keep an answer that is wanted once.
        yield Workers(client.get_executor(pure=False), count)
