"""The report on a file that is not the studio's own: a value that the window and the command line show."""

from __future__ import annotations

from msgspec import Struct


class LeftOut(Struct, frozen=True):
    """An operation that stands in the design as `Opaque`: its name and kind in the file, and its learned numbers.

    `parameters` is None where the file does not tell.
    """

    name: str
    kind: str
    parameters: int | None = None


class TensorEntry(Struct, frozen=True):
    """A tensor of a file that holds weights alone."""

    name: str
    shape: tuple[int, ...]


class ImportedNetwork(Struct, frozen=True):
    """One network of a file; its fields are the keys of the JSON report.

    `assumed`, `replaced` and `notes` hold sentences: notes say what the exporter may have done to the network, and
    where the file and the design differ. `faults` are mistakes in source code, each with its line, which the framework
    would refuse and the design has set right. `stated_parameters` are the learned numbers in the file, None if it
    holds none; `counted_parameters` are those of the design, None if a part is unknown.
    """

    name: str
    complete: bool
    input_shapes: tuple[tuple[int, ...], ...] = ()
    assumed: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    stated_parameters: int | None = None
    counted_parameters: int | None = None
    shapes_checked: int = 0
    shapes_different: int = 0
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    tensors: tuple[TensorEntry, ...] = ()


class ImportReport(Struct, frozen=True):
    """The result of an import: the key of the format, the program that wrote the file, and the networks in it.

    `source` is the file, by which it can be imported again; `choices` are the names of all networks in it, if it holds
    several, and `arguments` what the user said of values that it leaves open.
    """

    format: str
    producer: str = ""
    networks: tuple[ImportedNetwork, ...] = ()
    source: str = ""
    choices: tuple[str, ...] = ()
    arguments: tuple[tuple[str, str], ...] = ()
