"""Page options shared by `report` and `compare`: paper, theme, bare LaTeX, date.

A report bears no date unless one is asked for, so that the same design gives the same bytes.
"""

from __future__ import annotations

import os
from argparse import Namespace
from datetime import UTC, date, datetime

from cnnstudio.cli.failures import UsageError
from cnnstudio.cli.parsing import Parser
from cnnstudio.core.arithmetic.numerals import whole_number
from cnnstudio.reports.content.manuscript import LIGHTS, PAPERS, Page

EPOCH = "SOURCE_DATE_EPOCH"
"""The variable by which build systems say what time it is, so that a build can be repeated to the byte."""
MAX_SECONDS = 253_402_300_799
"""The last second of the year 9999."""


def add_page_options(parser: Parser) -> None:
    """Adds `--paper`, `--theme`, `--fragment` and `--date`."""
    parser.add_choice("--paper", PAPERS, default="a4", metavar="SIZE", help="a4, or letter")
    parser.add_choice("--theme", LIGHTS, default="auto", metavar="NAME", help="a web page: auto, light or dark")
    parser.add_argument("--fragment", action="store_true", help="LaTeX: the tables alone, for your own document")
    parser.add_argument(
        "--date",
        nargs="?",
        const="today",
        metavar="DAY",
        help="print the date: today's, or one such as 2026-11-25; SOURCE_DATE_EPOCH does so too",
    )


def check_page_options(options: Namespace) -> None:
    """Puts the page into `options.page` and the date, or None, into `options.day`; UsageError with what is wrong."""
    options.page = Page(paper=options.paper, light=options.theme, is_fragment=options.fragment)
    options.day = _chosen_day(options.date)


def _chosen_day(asked: str | None) -> date | None:
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
        raise UsageError(f"'{word}' is not a date; write it like 2026-11-25, and the designs before --date.") from None


def _of_epoch(word: str) -> date:
    seconds = whole_number(word, 0, MAX_SECONDS)
    if seconds is None:
        raise UsageError(f"{EPOCH} is '{word}', which is not a number of seconds since 1970.")
    # In UTC, or one source would give other bytes in another time zone.
    return datetime.fromtimestamp(seconds, UTC).date()
