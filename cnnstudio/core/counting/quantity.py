"""Quantities: each is one number of a layer, declared once, and read by whatever shows numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, Final, Literal

from msgspec import Struct

from cnnstudio.core.arithmetic.derivation import Symbol, Working, plain
from cnnstudio.core.arithmetic.measure import Measure
from cnnstudio.core.arithmetic.numerals import BY_SIZE
from cnnstudio.core.counting.analysis import Analysis
from cnnstudio.core.counting.rows import BlockRow, Entry, Row, Totals, blocks_around, unknown_text
from cnnstudio.core.counting.units import COUNT, Unit
from cnnstudio.core.network.layer import Counts

Place = Literal[
    "column",
    "table",
    "summary",
    "worksheet",
    "chart",
    "data_totals",
    "data_rows",
    "compared_totals",
    "compared_rows",
    "compared_columns",
    "comparison_window",
    "inspector",
]
"""The places in which a quantity is shown.

`column`: a column that one can choose for the table, the summary and every report. `table`: a column of the layer table
until others are chosen; `summary` and `worksheet`: likewise of the summary and of what a worksheet leaves blank.
`chart`: bars can show it. `data_totals` and `data_rows`: JSON and its schema. `compared_totals`: the totals of designs
side by side. `compared_rows`: what is compared layer by layer whatever is shown, and what machines read of that;
`compared_columns`: what people are shown of it until they choose. `comparison_window` and `inspector`: their totals.
"""
USUAL: Final[tuple[Place, ...]] = ("column", "chart", "data_totals", "data_rows", "compared_totals")
"""The default places of everything that adds up."""
Group = Literal["shape", "parameters", "operations", "memory", "field"]
"""The groups of an explanation."""


ALWAYS: Final = 9
"""The `Quantity.status` of what is shown however narrow the line is."""


class Terms(Struct, frozen=True):
    """The setting that a rule computes in: a row that was counted, its counts, and how a number is named.

    For the working `counts` are made of symbols and `symbol` names what the rule starts from, as in `Layer.count`.
    `reasons` are the words that the layer has for its counts.
    """

    row: Row
    counts: Counts
    symbol: Symbol = plain
    reasons: dict[str, str] = {}


class Line(Struct, frozen=True):
    """A line of the totals in words: its title and what it says of the quantity.

    In `title` stands `{element_type}`; in `words` `{total}`, `{short}`, and `{macs}` for the bare number of any other
    quantity. Quantities with the same title share a line. `if_any` leaves the line out where the total is 0.
    """

    title: str
    words: str = "{total}"
    if_any: bool = False


class Record(Struct, frozen=True):
    """The form of a quantity in a layer's JSON row, if that is not the plain value under its key."""

    key: str
    value: Callable[[Row], Any]
    schema: dict[str, Any]


def _uncounted(totals: Totals) -> int:
    return totals.uncounted


class Kept(Struct, frozen=True):
    """A quantity that the engine keeps anyway, as the attribute `name` of every row and of all totals.

    `lacking` says for how many layers the total has no value. Of those that have some counts it is `unknown`, in words,
    that they lack: the quantity itself, unless said otherwise.
    """

    name: str
    lacking: Callable[[Totals], int] = _uncounted
    unknown: str = ""


class Spread(Struct, frozen=True, dict=True):
    """The values of a quantity that a layer has only in its network, as what later layers need of it.

    `values` by the path of each layer, each repeat for itself, None where it is unknown; `sums` by the path of each row
    of the analysis, over all the repeats that it stands for. What is missing is unknown.
    """

    values: dict[str, int | None] = {}
    sums: dict[str, int | None] = {}

    def inside(self, path: str, layers: int) -> tuple[int, int]:
        """The sum of what is known in a block, and for how many of its layers it is not."""
        known, number = self._by_block.get(path, (0, 0))
        return known, layers - number

    @cached_property
    def _by_block(self) -> dict[str, tuple[int, int]]:
        """The sum of what is known in each block, and for how many layers it is known."""
        found: dict[str, tuple[int, int]] = {}
        for path, value in self.values.items():
            for block in blocks_around(path) if value is not None else ():
                known, number = found.get(block, (0, 0))
                found[block] = known + (value or 0), number + 1
        return found

    def whole(self, layers: int) -> tuple[int, int]:
        """The same for the network."""
        known = [value for value in self.values.values() if value is not None]
        return sum(known), layers - len(known)


class Quantity(Struct, frozen=True, kw_only=True):
    """One number of a layer: what it is, how it is read, how it adds up, how it is explained, where it is shown.

    What adds up over layers has a `rule`, or `spread` if it takes the network; what does not has `look_up` instead, or
    `whole` if only a network has it.
    """

    key: str
    title: str
    """Over a column and in a chooser: `Activation memory`."""
    name: str
    """In the middle of a sentence: `activation bytes`."""
    help: str
    unit: Unit = COUNT
    align: Literal["left", "right"] = "right"

    rule: Callable[[Terms], int | None] | None = None
    """Computes it from the counts of one layer, in ordinary arithmetic, and so gives its working too."""
    kept: Kept | None = None
    """A faster way to the same value of a row and to its sum; without it rows are summed up when somebody asks."""
    without_sizes: bool = False
    """It is known of some layers of which the sizes are not, because of an error above."""
    spread: Callable[[Analysis], Spread] | None = None
    """Finds the values of all layers at once, where a layer alone has none."""
    explain: Callable[[Row, Analysis], Working] | None = None
    """The working of a layer's value in its network."""
    whole: Callable[[Analysis], Measure] | None = None
    """Finds the number of a network, where neither a layer nor a block has one."""
    look_up: Callable[[Entry, Analysis], Any] | None = None
    """The value of a layer or a block in its network, for what does not add up."""
    write: Callable[[Any, Analysis], str] | None = None
    """Writes such a value where that takes more than the unit."""

    reason: Callable[[Terms], str] | None = None
    """Words beside the working; those that the layer has for the key, unless said otherwise."""
    several: Callable[[Terms], Iterable[Working]] | None = None
    """The workings of what has several numbers, in place of a rule."""
    explained_by: str = ""
    """The key of the quantity whose working is its own."""
    group: Group = "memory"
    silent_without: tuple[str, ...] = ()
    """Keys of quantities; where all of them are 0 for a layer, this one goes without saying."""
    if_any: bool = False
    """Few networks have any of it, so that a 0, of a layer or of a sum, goes without saying."""
    symbols: tuple[tuple[str, str], ...] = ()
    """The symbols that its rule names and what they stand for; "" for one that is a word itself."""

    places: tuple[Place, ...] = USUAL
    line: Line | None = None
    headline: str = ""
    """The words below the number where a report sets it large."""
    status: int = 0
    """Its rank in the line of status, where the least gives way first if room is scarce; 0 is not in it."""
    is_minor: bool = False
    """A comparison names it only where nothing else differs."""
    record: Record | None = None

    # Reading.

    @property
    def adds_up(self) -> bool:
        """True if a sum over layers means something."""
        return self.look_up is None

    @property
    def of_row(self) -> Callable[[Row], int | None]:
        """A function that finds the value of a layer by itself; None if it is unknown. Only for what adds up."""
        return self.reader(None)

    def reader(self, analysis: Analysis | None) -> Callable[[Row], int | None]:
        """The same for a layer in its network, without which what only that gives is unknown."""
        if self.spread is not None:
            values = self._spread(analysis).values
            return lambda row: values.get(row.path)
        return self._by_rule if self.kept is None else attrgetter(self.kept.name)

    def adder(self, analysis: Analysis) -> Callable[[Row, int], int | None]:
        """A function that finds the sum over all the repeats that a row of the analysis stands for, and their number.

        None where it is unknown. Only for what adds up.
        """
        if self.spread is not None:
            sums = self._spread(analysis).sums
            return lambda row, _times: sums.get(row.path)
        read = self.reader(analysis)
        return lambda row, times: None if (value := read(row)) is None else times * value

    def _by_rule(self, row: Row) -> int | None:
        counts = row.stored if self.without_sizes else row.counts
        return None if counts is None or self.rule is None else self.rule(Terms(row, counts))

    def value(self, entry: Entry, analysis: Analysis) -> Any:
        """The value of a layer, or of a block with all its repeats; None where it is not fully known."""
        if self.look_up is not None:
            return self.look_up(entry, analysis)
        if isinstance(entry, Row):
            return getattr(entry, self.kept.name) if self.kept is not None else self.reader(analysis)(entry)
        # A lower bound must not stand in a cell as if it were the value, so a block with a gap shows none.
        total = self.total(entry, analysis)
        return total.value if total.is_exact else None

    def known(self, whole: Analysis | Entry, analysis: Analysis | None = None) -> int | None:
        """The value of a layer, or the sum of what is known of a block or a network. Only for what adds up.

        For a layer or a block `analysis` is that of its network, without which what only that gives is unknown.
        """
        return self.reader(analysis)(whole) if isinstance(whole, Row) else self._sum(whole, analysis)[0]

    def text(self, value: Any, analysis: Analysis) -> str:
        """A value as tables show it."""
        return self.unit.full(value) if self.write is None else self.write(value, analysis)

    def recorder(self, analysis: Analysis) -> tuple[str, Callable[[Row], Any]]:
        """The key that JSON has in the row of a layer, and what reads its value."""
        if self.record is not None:
            return self.record.key, self.record.value
        return self.key, self.reader(analysis) if self.adds_up else partial(self.value, analysis=analysis)

    @property
    def row_schema(self) -> tuple[str, dict[str, Any]]:
        """The key in the row of a layer, and the JSON Schema of its value."""
        if self.record is not None:
            return self.record.key, self.record.schema
        return self.key, {
            "description": f"{self.help}; null if unknown",
            "type": [self.unit.json_type, "null"],
            "minimum": 0,
        }

    # Adding up.

    def total(self, whole: Analysis | BlockRow, analysis: Analysis | None = None) -> Measure:
        """The sum over a network or a block, repeats multiplied; a lower bound where a layer's value is unknown."""
        if self.whole is not None and isinstance(whole, Analysis):
            return self.whole(whole)
        value, lacking = self._sum(whole, analysis)
        return Measure(value, "at least" if lacking else "exact")

    def missing(self, whole: Analysis | BlockRow, analysis: Analysis | None = None) -> tuple[str, ...]:
        """The gaps of a total, in words: `2 layers not counted`, or what they depend on, `MACs of 1 layer unknown`.

        Nothing if all is known.
        """
        _, lacking = self._sum(whole, analysis)
        # A quantity may be known for layers that are not counted, and then they are no gap in its sum.
        uncounted = min(whole.totals.uncounted, lacking)
        unknown = (self.kept and self.kept.unknown) or self.name
        parts = (_lacking(uncounted, whole), f"{unknown} of {_layers(lacking - uncounted)} unknown")
        return tuple(part for part, number in zip(parts, (uncounted, lacking - uncounted), strict=True) if number)

    def _sum(self, whole: Analysis | BlockRow, analysis: Analysis | None) -> tuple[int, int]:
        """The sum of what is known, and for how many layers it is not."""
        if self.kept is not None:
            return getattr(whole.totals, self.kept.name), self.kept.lacking(whole.totals)
        if self.spread is None:
            return self.summed((whole,) if isinstance(whole, BlockRow) else whole.entries)
        layers = whole.totals.layers
        if isinstance(whole, BlockRow):
            return self._spread(analysis).inside(whole.path, layers)
        return self._spread(whole).whole(layers)

    def _spread(self, analysis: Analysis | None) -> Spread:
        return Spread() if self.spread is None or analysis is None else self.spread(analysis)

    def summed(self, entries: Iterable[Entry]) -> tuple[int, int]:
        """The same, row by row: what `kept` must give. Passes that are missing are a layer unknown."""
        value = lacking = 0
        for entry in entries:
            if isinstance(entry, Row):
                number = getattr(entry, self.kept.name) if self.kept is not None else self._by_rule(entry)
                value, lacking = value + (number or 0), lacking + (number is None)
                continue
            for pass_ in entry.passes:
                inside, unknown = self.summed(pass_.entries)
                value, lacking = value + pass_.times * inside, lacking + pass_.times * unknown
            # Passes beyond the bound of a design were never made, so nothing in the list itself says that they are
            # missing.
            lacking += sum(pass_.times for pass_ in entry.passes) != entry.block.repeat
        return value, lacking

    # Explaining.

    @property
    def has_working(self) -> bool:
        """True if it can be unfolded by itself."""
        return self.rule is not None or self.several is not None or self.explain is not None

    @property
    def explained_in(self) -> str:
        """The key of the quantity with which it is explained, as a rule its own."""
        return self.explained_by or self.key

    def workings(self, terms: Terms) -> Iterator[Working]:
        """The working of a layer's number; several workings for a quantity with several numbers."""
        if self.several is not None:
            yield from self.several(terms)
        elif self.rule is not None:
            reason = terms.reasons.get(self.key, "") if self.reason is None else self.reason(terms)
            yield Working(self.key, self.name, self.rule(terms), reason)


def _lacking(number: int, whole: Analysis | BlockRow) -> str:
    """`2 layers not counted`, or `2 layers depend on the input size` if that is all that those of the whole lack."""
    entries = (whole,) if isinstance(whole, BlockRow) else whole.entries
    if number and unknown_text(*entries) == BY_SIZE:
        return f"{_layers(number)} {BY_SIZE if number == 1 else BY_SIZE.replace('depends', 'depend')}"
    return f"{_layers(number)} not counted"


def _layers(number: int) -> str:
    return f"{number:,} {'layer' if number == 1 else 'layers'}"
