"""The result of counting for each item: a row a layer, a row a block with its passes, and sums over rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.convention import Convention
from cnnstudio.core.arithmetic.numerals import BY_SIZE, UNKNOWN
from cnnstudio.core.arithmetic.receptive_field import ReceptiveField
from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.counting.guesses import Guesses, Partial
from cnnstudio.core.network.design import Block, path_from
from cnnstudio.core.network.distribution import one_step
from cnnstudio.core.network.layer import Counts, Layer


class Row(Struct, frozen=True, gc=False):
    """One layer, counted.

    `path` leads to it, with the number of the repeat from 1: `stage2[1]/bottleneck/conv3`; `place` is the same
    without numbers. What cannot be computed is None: the counts after an error, the shapes of unknown inputs. `part`
    is what is known all the same of a layer without counts. `owner` is the place of the layer whose weights it uses,
    which has them in its counts; empty, it has its own. `step_axes`: it is applied by itself at each step along so many
    of the first axes, see `distribution`.
    """

    path: str
    place: str
    layer: Layer
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape | None, ...]
    counts: Counts | None
    receptive_field: ReceptiveField | None
    input_fields: tuple[ReceptiveField | None, ...]
    convention: Convention
    element_bytes: int
    part: Partial | None = None
    owner: str = ""
    step_axes: int = 0

    @property
    def taken_shapes(self) -> tuple[Shape, ...]:
        """The shapes that the rule of the layer takes, those of one step, as far as they are known."""
        return tuple([one_step(shape, self.step_axes) for shape in self.input_shapes if shape is not None])

    @property
    def given_shape(self) -> Shape | None:
        """The shape that the rule of the layer gives, that of one step."""
        shape = self.output_shape
        return None if shape is None else one_step(shape, self.step_axes)

    @property
    def stored(self) -> Counts | None:
        """The counts in which what the layer learns and stores is known, where its sizes are not known too."""
        if self.counts is not None:
            return self.counts
        return None if self.part is None else self.part.stored

    @property
    def item(self) -> Layer:
        """The layer, as an entry of either kind has an item."""
        return self.layer

    @property
    def picks(self) -> str:
        """The further output that it takes of a layer; empty if it takes what a block gives, or the output."""
        # A block gives what is inside it, so that the path of that leads further.
        is_of_layer = self.layer.picks and self.inputs and path_from(self.inputs[0])[:-1] == path_from(self.path)[:-1]
        return self.layer.picks if is_of_layer else ""

    @property
    def output_shape(self) -> Shape | None:
        """The shape of the output."""
        if self.counts is not None:
            return self.counts.output
        return None if self.part is None else self.part.output

    @property
    def layers(self) -> int:
        """The layers in it: itself. Rows and totals have the same names for what is added up."""
        return 1

    @property
    def weights(self) -> int | None:
        """Learned weights."""
        return None if (stored := self.stored) is None else stored.weights

    @property
    def biases(self) -> int | None:
        """Learned biases."""
        return None if (stored := self.stored) is None else stored.biases

    @property
    def state(self) -> int | None:
        """Numbers stored but not learned: moving statistics."""
        return None if (stored := self.stored) is None else stored.state

    @property
    def parameters(self) -> int | None:
        """The number of parameters by the convention: weights and biases, with Keras also the state."""
        if (stored := self.stored) is None:
            return None
        # Keras' summary calls moving statistics non-trainable parameters; in PyTorch they are buffers and no
        # parameters.
        return stored.parameters + (stored.state if self.convention.counts_state else 0)

    @property
    def trainable(self) -> int | None:
        """The parameters that training changes: none of a frozen layer."""
        if (stored := self.stored) is None:
            return None
        # Never the state: no optimizer changes moving statistics, in either framework.
        return stored.parameters if self.layer.trainable else 0

    @property
    def non_trainable(self) -> int | None:
        """The parameters that training does not change."""
        if self.parameters is None or self.trainable is None:
            return None
        return self.parameters - self.trainable

    @property
    def reused(self) -> int | None:
        """The learned parameters of another layer that it uses again."""
        return None if (stored := self.stored) is None else stored.reused

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates for one input."""
        return None if self.counts is None else self.counts.macs

    @property
    def flops(self) -> int | None:
        """Floating-point operations, two for each multiply-accumulate."""
        return None if self.macs is None else 2 * self.macs

    @property
    def activations(self) -> int | None:
        """Elements of the output that take memory of their own: none of a view."""
        if self.counts is None:
            return None
        return 0 if self.layer.is_view else self.counts.output.elements

    @property
    def activation_bytes(self) -> int | None:
        """Bytes of the output at the design's element type."""
        return None if self.activations is None else self.activations * self.element_bytes

    @property
    def parameter_bytes(self) -> int | None:
        """Bytes of the parameters at the design's element type."""
        return None if self.parameters is None else self.parameters * self.element_bytes


class Pass(Struct, frozen=True, gc=False):
    """`times` equal passes through a block, from pass number `first` (from 0) on; `entries` are those of the first.

    `source` is the path of what flows into the first one and `field` what that sees; `result` the path of its last row.
    `beside` are the paths of what flows in beside it, which is the same in all passes, and what these see.
    """

    first: int
    times: int
    entries: tuple[Row | BlockRow, ...]
    field: ReceptiveField | None
    source: str
    result: str
    beside: tuple[tuple[str, ReceptiveField | None], ...] = ()


def blocks_around(path: str) -> Iterator[str]:
    """The paths of the blocks that hold a row, and of those that a repeat of one stands in: `a`, `a[2]`, `a[2]/b`."""
    for at, sign in enumerate(path):
        if sign in "/[":
            yield path[:at]


def pass_prefix(path: str, block: Block, number: int) -> str:
    """The beginning of the paths in one pass: `stage2[1]/`, or `stage2/` of a block that is not repeated."""
    return f"{path}[{number + 1}]/" if block.repeat > 1 else f"{path}/"


class BlockRow(Struct, frozen=True, gc=False):
    """A block, counted: its passes, the sums over all of them, and the path of its last row.

    `owner` is the place of the block whose weights it uses; empty, if it has its own, or nobody can say. `step_axes`
    are the axes along which blocks around it are applied at each step.
    """

    path: str
    place: str
    block: Block
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape | None, ...]
    output_shape: Shape | None
    passes: tuple[Pass, ...]
    totals: Totals
    receptive_field: ReceptiveField | None
    convention: Convention
    result: str
    guesses: Guesses | None = None
    owner: str = ""
    step_axes: int = 0

    @property
    def taken_shapes(self) -> tuple[Shape, ...]:
        """The shapes that it takes at one step of the blocks around it, as far as they are known."""
        return tuple([one_step(shape, self.step_axes) for shape in self.input_shapes if shape is not None])

    @property
    def given_shape(self) -> Shape | None:
        """The shape that it gives at one step of the blocks around it."""
        return None if self.output_shape is None else one_step(self.output_shape, self.step_axes)

    @property
    def item(self) -> Block:
        """The block, as an entry of either kind has an item."""
        return self.block


Entry = Row | BlockRow


class Totals(Struct, frozen=True, gc=False):
    """Sums over rows, repeats multiplied. Where `uncounted` layers are unknown the sums are lower bounds.

    `uncounted` are layers without any counts, `unsized` those of which only what they learn and store is known, and
    `unknown_macs` those whose MACs alone are not.
    """

    weights: int = 0
    biases: int = 0
    parameters: int = 0
    state: int = 0
    trainable: int = 0
    macs: int = 0
    activations: int = 0
    activation_bytes: int = 0
    parameter_bytes: int = 0
    reused: int = 0
    layers: int = 0
    uncounted: int = 0
    unsized: int = 0
    unknown_macs: int = 0

    @property
    def non_trainable(self) -> int:
        """Parameters that training does not change."""
        return self.parameters - self.trainable

    @property
    def flops(self) -> int:
        """Floating-point operations, two for each multiply-accumulate."""
        return 2 * self.macs


# Read off the struct, so that a sum that is added to it cannot be forgotten in the repeats of blocks.
_SUMMED = tuple(field.name for field in structs.fields(Totals))


def sum_entries(entries: Sequence[Entry]) -> Totals:
    """The sums over the entries of a list; plain sums, as every edit runs them over the whole network."""
    rows = [entry for entry in entries if isinstance(entry, Row)]
    blocks = [(entry.totals, 1) for entry in entries if isinstance(entry, BlockRow)]
    if not rows:
        return add_totals(blocks)
    counted = [counts for row in rows if (counts := row.counts) is not None]
    known_macs = [macs for counts in counted if (macs := counts.macs) is not None]
    # Lists rather than generators, which are slower to sum; this runs after every edit.
    state = sum([counts.state for counts in counted])
    activations = sum([row.counts.output.elements for row in rows if row.counts is not None and not row.layer.is_view])
    parameters = sum([counts.parameters for counts in counted])
    frozen = sum([row.counts.parameters for row in rows if row.counts is not None and not row.layer.trainable])
    # One convention for all rows of an analysis, so the first row stands for them.
    stored = parameters + (state if rows[0].convention.counts_state else 0)
    size = rows[0].element_bytes
    totals = Totals(
        weights=sum([counts.weights for counts in counted]),
        biases=sum([counts.biases for counts in counted]),
        parameters=stored,
        state=state,
        trainable=parameters - frozen,
        macs=sum(known_macs),
        activations=activations,
        activation_bytes=activations * size,
        parameter_bytes=stored * size,
        reused=sum([counts.reused for counts in counted]),
        layers=len(rows),
        uncounted=len(rows) - len(counted),
        unknown_macs=len(counted) - len(known_macs),
    )
    if totals.uncounted:
        blocks.append((_weighed(rows), 1))
    return add_totals([(totals, 1), *blocks]) if blocks else totals


def _weighed(rows: list[Row]) -> Totals:
    """The sums over rows of which only what they learn and store is known; they are uncounted no more."""
    found = [row for row in rows if row.counts is None and row.stored is not None]
    learned = [row.parameters or 0 for row in found]
    return Totals(
        weights=sum([row.weights or 0 for row in found]),
        biases=sum([row.biases or 0 for row in found]),
        parameters=sum(learned),
        state=sum([row.state or 0 for row in found]),
        trainable=sum([row.trainable or 0 for row in found]),
        parameter_bytes=sum([row.parameter_bytes or 0 for row in found]),
        reused=sum([row.reused or 0 for row in found]),
        uncounted=-len(found),
        unsized=len(found),
    )


def add_totals(parts: list[tuple[Totals, int]]) -> Totals:
    """Sums, each taken so many times."""
    sums = {name: sum([getattr(part, name) * times for part, times in parts]) for name in _SUMMED}
    return Totals(**sums)


def block_totals(block: Block, passes: Sequence[Pass]) -> Totals:
    """The sums over all passes of a block; passes that are missing count as one layer that is unknown."""
    totals = add_totals([(sum_entries(pass_.entries), pass_.times) for pass_ in passes])
    if sum([pass_.times for pass_ in passes]) == block.repeat:
        return totals
    # So that the sum is shown as a lower bound and not as if the block ended where counting stopped.
    return structs.replace(totals, uncounted=totals.uncounted + 1)


def unknown_text(*entries: Entry) -> str:
    """The words for what is unknown of layers and blocks: whether a size of the input is all that they lack."""
    parts = [row.part for row in _uncounted(entries)]
    is_by_size = bool(parts) and all(part is not None and part.outputs.is_unsized for part in parts)
    return BY_SIZE if is_by_size else UNKNOWN


def _uncounted(entries: Sequence[Entry]) -> Iterator[Row]:
    """The layers of a list that have no counts."""
    for entry in entries:
        if isinstance(entry, BlockRow):
            for pass_ in entry.passes:
                yield from _uncounted(pass_.entries)
        elif entry.counts is None:
            yield entry


def using(row: Row, owner: str) -> Row:
    """The row of a layer that uses the weights of another."""
    part = row.part
    if part is not None and part.stored is not None:
        part = structs.replace(part, stored=part.stored.sharing(owner))
    return structs.replace(row, counts=row.counts and row.counts.sharing(owner), part=part, owner=owner)


def owned_by(owner: str, passes: Sequence[Pass]) -> str:
    """The owner of a block's weights; none if any layer inside cannot share those that it should."""
    entries = [entry for pass_ in passes for entry in pass_.entries]
    return owner if all(entry.owner for entry in entries) else ""


def unsettled(row: Row) -> Row:
    """The row of a layer of which nobody can say whose weights it uses: its output is known all the same."""
    part, counts = row.part, row.counts
    if counts is not None:
        shapes = tuple([shape for shape in row.input_shapes if shape is not None])
        part = Partial(shapes, Guesses(counts.output, counts.output), counts.output)
    elif part is not None:
        part = structs.replace(part, stored=None)
    return structs.replace(row, counts=None, receptive_field=None, part=part)
