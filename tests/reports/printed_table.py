"""Reads a printed summary back: independent of the code that printed it."""

from __future__ import annotations

import re

from msgspec import Struct

COUNTS = ("Weights", "Biases", "Parameters", "MACs")


class PrintedRow(Struct):
    """One line of the table with the lines that are indented below it."""

    name: str
    times: int
    counts: dict[str, int]
    inner: list[PrintedRow]


def read_table(text: str) -> tuple[list[PrintedRow], dict[str, int]]:
    """The rows of the outermost list, and the line of totals."""
    header, _, *body = text.split("\n\n")[1].splitlines()
    columns = re.split(r"\s{2,}", header)
    rows = [_row(line, columns) for line in body[:-2]]
    return _nested(rows), _counts(re.split(r"\s{2,}", body[-1]), columns)


def _row(line: str, columns: list[str]) -> tuple[int, PrintedRow]:
    depth = (len(line) - len(line.lstrip(" "))) // 2
    cells = re.split(r"\s{2,}", line.strip())
    name, _, times = cells[0].partition(" × ")
    return depth, PrintedRow(name, int(times or 1), _counts(cells, columns), [])


def _counts(cells: list[str], columns: list[str]) -> dict[str, int]:
    numbers = cells[-len(COUNTS) :]
    return {title: int(number.replace(",", "")) for title, number in zip(columns[-len(COUNTS) :], numbers, strict=True)}


def _nested(rows: list[tuple[int, PrintedRow]]) -> list[PrintedRow]:
    top: list[PrintedRow] = []
    lists = [top]
    for depth, row in rows:
        lists[depth].append(row)
        lists[depth + 1 :] = [row.inner]
    return top


def total(rows: list[PrintedRow]) -> dict[str, int]:
    """The sums of a list, added up from its innermost rows, repeats multiplied."""
    sums = dict.fromkeys(COUNTS, 0)
    for row in rows:
        counts = total(row.inner) if row.inner else row.counts
        sums = {key: sums[key] + row.times * counts[key] for key in COUNTS}
    return sums


def blocks(rows: list[PrintedRow]) -> list[PrintedRow]:
    """Every row that has others below it, at any depth."""
    return [found for row in rows if row.inner for found in (row, *blocks(row.inner))]
