"""The date that a report bears: none, unless one is asked for."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from cnnstudio.cli.failures import UsageError

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable by which build systems say what time it is, so that a build can be repeated to the byte."""


def chosen_day(asked: str | None) -> date | None:
    """The day that is named, or today's; by SOURCE_DATE_EPOCH if that is set; none if nobody asks."""
    if asked not in (None, "today"):
        return _named(str(asked))
    epoch = os.environ.get(EPOCH)
    if epoch:
        return _of_epoch(epoch)
    return date.today() if asked else None


def _named(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise UsageError(f"'{word}' is no date; write one as 2026-11-25, and the designs before --date.") from None


def _of_epoch(word: str) -> date:
    try:
        return datetime.fromtimestamp(int(word), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{EPOCH} is '{word}', which is no number of seconds since 1970.") from None
