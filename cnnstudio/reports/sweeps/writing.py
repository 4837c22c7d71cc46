"""A sweep as a file: CSV, JSON or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import msgspec

from cnnstudio.core.counting.units import shape_list
from cnnstudio.core.sweeps.plan import quantities_of
from cnnstudio.core.sweeps.table import VariantRow
from cnnstudio.installation import how_to_add
from cnnstudio.reports.sweeps.records import Listing, problem_record, varied_values
from cnnstudio.reports.terminal.table import guarded
from cnnstudio.version import __version__

_ROWS_AT_ONCE = 10_000


class Unwritable(Exception):
    """A format that cannot be written here; the text is the sentence for the user."""


def require_writable(suffix: str) -> None:
    """Raises Unwritable for a format that cannot be written here."""
    if suffix == ".parquet" and find_spec("pyarrow") is None:
        raise Unwritable(f"Parquet needs the package pyarrow; {how_to_add('pyarrow')}")


def csv_bytes(listing: Listing) -> bytes:
    """One line a variant, keys on top, numbers raw, unknown cells empty."""
    return b"".join(_csv_parts(listing))


def _csv_parts(listing: Listing) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([guarded(title) for title in listing.header])
    for number, row in enumerate(listing, 1):
        writer.writerow([_cell(value) for value in listing.values(row)])
        # In parts: a text of a million lines takes four times its bytes where one sign of it is none of ASCII.
        if number % _ROWS_AT_ONCE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " × ".join(map(str, value))
    return guarded(value) if isinstance(value, str) else value


def json_bytes(listing: Listing) -> bytes:
    """The rows as JSON, one a line; null where something is unknown."""
    space = listing.space
    head = {
        "cnnstudio": __version__,
        "design": space.design.name,
        "convention": space.design.convention,
        "varied": [axis.title for axis in space.axes],
        "conditions": [condition.text for condition in space.conditions],
        "best_in": [aim.text for aim in listing.aims],
    }
    lines = b",\n".join(_json(_record(listing, row)) for row in listing)
    return _json(head)[:-1] + b',"variants":[\n' + lines + b"\n]}\n"


def _record(listing: Listing, row: VariantRow) -> dict[str, Any]:
    titles = [axis.title for axis in listing.space.axes]
    return {
        "variant": row.variant + 1,
        "values": dict(zip(titles, varied_values(listing.space, row), strict=True)),
        "totals": {quantity.key: row.exact(quantity) for quantity in quantities_of(listing.space)},
        "output": shape_list(row.counted.output),
        **({"meets": row.meets} if listing.space.conditions else {}),
        **({"best": row.variant in listing.best} if listing.aims else {}),
        "problems": [problem_record(problem) for problem in row.problems],
    }


def _json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except OverflowError:
        import json  # only for numbers beyond 64 bits, which the other writer does not take

        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def parquet_bytes(listing: Listing) -> bytes:
    """The columns as Parquet; Unwritable without pyarrow."""
    require_writable(".parquet")
    import pyarrow
    from pyarrow.parquet import write_table

    columns = list(zip(*map(listing.values, listing), strict=True)) or [()] * len(listing.header)
    arrays = [_arrow(pyarrow, column) for column in columns]
    buffer = io.BytesIO()
    write_table(pyarrow.table(dict(zip(listing.header, arrays, strict=True))), buffer)
    return buffer.getvalue()


def _arrow(pyarrow: Any, values: tuple[Any, ...]) -> Any:
    """A column by the type of its values; numbers beyond 64 bits, and values of several types, as text."""
    types = {type(value) for value in values if value is not None}
    is_plain = len(types) == 1 and types <= {int, float, str, bool, list}
    is_small = types != {int} or all(value is None or abs(value) < 2**63 for value in values)
    if is_plain and is_small:
        return pyarrow.array(values)
    return pyarrow.array([None if value is None else str(value) for value in values], pyarrow.string())


WRITERS: dict[str, Callable[[Listing], bytes]] = {
    ".csv": csv_bytes,
    ".json": json_bytes,
    ".parquet": parquet_bytes,
}
"""The formats by the suffix of their files."""
