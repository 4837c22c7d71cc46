"""The request for a report of a comparison: which designs, under which names, and what is shown of them."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Final

from msgspec import Struct, structs

from cnnstudio.core.comparison.comparison import Comparison, compare
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.columns import COLUMN, Column
from cnnstudio.reports.comparison.terminal_text import short_labels
from cnnstudio.reports.content.manuscript import Page

_PLACES: Final = ("layer", "path", "type")
"""Columns that every comparison has anyway."""


class ComparisonReport(Struct, frozen=True, kw_only=True, dict=True):
    """A comparison to be reported. `labels` are what the designs are called, each by a name of its own.

    Without `columns` each form shows those that it has room for. Without `names` a layer that is only called
    otherwise is the same. A `date` is printed only if it is given, so that the same designs give the same bytes.
    """

    analyses: tuple[Analysis, ...]
    labels: tuple[str, ...]
    columns: tuple[Column, ...] = ()
    expand: bool = False
    names: bool = True
    only_differences: bool = False
    date: date | None = None
    page: Page = Page()

    @cached_property
    def comparison(self) -> Comparison:
        """The designs side by side; ValueError if they are too many, or too few."""
        return self._compared(expand=self.expand)

    @property
    def names_of_designs(self) -> list[str]:
        """The labels as titles and sentences have room for them."""
        return short_labels(self.labels)

    def expanded(self) -> ComparisonReport:
        """The same with every layer of every repeat: for machines, which would add up the sums of blocks twice."""
        return self if self.expand else structs.replace(self, expand=True)

    def chosen(self, usual: tuple[str, ...]) -> tuple[Column, ...]:
        """The columns, or the usual ones; what every comparison shows anyway is left out."""
        columns = self.columns or tuple(COLUMN[key] for key in usual)
        return tuple(column for column in columns if column.key not in _PLACES)

    def _compared(self, *, expand: bool) -> Comparison:
        wanted = [column.key for column in self.columns]
        return compare(self.analyses, expand=expand, names=self.names, quantities=wanted)
