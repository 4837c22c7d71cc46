"""The operations of attention as PyTorch runs them on a graphics card, as far as memory goes.

PyTorch chooses a kernel by the precision and the sizes of a head. With 16 bits it is flash attention (or cuDNN's, which
keeps the same), with 32 bits the memory-efficient one; sizes that they cannot take are computed product by product.
Source: `sdp_utils.cpp`, for a card of Ampere or newer; kept tensors by `derivatives.yaml` and the kernels' shapes.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct, structs

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.step import PREVIOUS, Made, Precision, Result, Step, laid_out, part_of, viewed

MAX_FLASH_SIZE: Final = 256
"""The largest head of flash attention."""
FLASH_MULTIPLE: Final = 8
"""Flash attention pads its heads to a multiple of it."""
EFFICIENT_ROWS: Final = 32
"""The memory-efficient kernel keeps a number for each query, and rounds them up to a multiple of it."""
ALIGNED: Final[dict[Precision, int]] = {"fp32": 4, "16 bits": 8}
"""The multiples that the memory-efficient kernel needs heads to be: 16 bytes."""

SCORES: Final = "scores"
"""The further output of an attention: the weights with which it takes the mean of its values."""

Algorithm = Literal["flash", "efficient", "products"]
Sources = tuple[int, int, int]
"""The steps that make query, key and value, counted back from the step that takes them."""


class Attention(Struct, frozen=True):
    """Attention of `heads` between sequences of an example: queries and keys of each, and the sizes in a head.

    No kernel that makes all of it at once `gives_scores`.
    """

    heads: int
    queries: int
    keys: int
    key_size: int
    value_size: int
    sequences: int = 1
    gives_scores: bool = False

    @property
    def rows(self) -> int:
        """All queries of an example in all heads."""
        return self.sequences * self.heads * self.queries

    @property
    def others(self) -> int:
        """All keys of an example in all heads."""
        return self.sequences * self.heads * self.keys

    def algorithm(self, precision: Precision) -> Algorithm:
        """The kernel that PyTorch chooses."""
        if precision == "16 bits" and self.key_size == self.value_size <= MAX_FLASH_SIZE:
            return "flash"
        multiple = ALIGNED[precision]
        return "products" if self.key_size % multiple or self.value_size % multiple else "efficient"


def projected_together(
    attention: Attention, inputs: tuple[Shape, ...], places: Sources, *, bias: bool
) -> tuple[Step, ...]:
    """`nn.MultiheadAttention`, which has the steps of a sequence before the examples.

    `places` are the inputs that are query, key and value: what is several of them is projected by one product, if keys
    and values have the channels of the query.
    """
    channels = attention.heads * attention.key_size
    steps: list[Step] = []
    laid: dict[int, int] = {}
    made: list[int] = []
    for place, times in _groups(inputs, places):
        shape = inputs[place]
        length = attention.keys if made else attention.queries
        features = times * channels
        source = _laid(steps, laid, shape, place, attention) if length == 1 else PREVIOUS
        steps += [] if length == 1 else [_by_steps(shape, place)]
        steps.append(structs.replace(_projected(shape, features, bias=bias), inputs=(source,)))
        if times > 1:
            # Put in order: all queries, all keys, all values.
            steps.append(Step(output=features * shape.positions, what="projections"))
        for part in range(times):
            share = viewed(channels * shape.positions) if times == 1 else part_of(channels * shape.positions)
            steps.append(structs.replace(share, inputs=(-1 - part,)))
            made.append(len(steps))
    query, key, value = (number - 1 - len(steps) for number in made)
    steps += attended(attention, (query, key, value), batch_first=False)
    mixed = Shape(channels, (attention.sequences * attention.queries,))
    steps.append(_projected(mixed, channels, bias=bias, what="output"))
    # The steps of the sequence lie before the examples.
    return (*steps, viewed(steps[-1].output))


def projected_apart(
    attention: Attention, inputs: tuple[Shape, ...], places: Sources, units: int, *, bias: bool
) -> tuple[Step, ...]:
    """Attention whose heads have sizes of their own: three projections, each of its own input."""
    steps: list[Step] = []
    laid: dict[int, int] = {}
    made: list[int] = []
    for place, size in zip(places, (attention.key_size, attention.key_size, attention.value_size), strict=True):
        source = _laid(steps, laid, inputs[place], place, attention)
        steps.append(structs.replace(_projected(inputs[place], attention.heads * size, bias=bias), inputs=(source,)))
        made.append(len(steps))
    query, key, value = (number - 1 - len(steps) for number in made)
    steps += attended(attention, (query, key, value), batch_first=True)
    mixed = Shape(attention.heads * attention.value_size, (attention.sequences * attention.queries,))
    return (*steps, _projected(mixed, units, bias=bias, what="output"))


def attended(attention: Attention, sources: Sources, *, batch_first: bool) -> tuple[Step, ...]:
    """Scaled dot-product attention, by the kernel for each precision, with the channels of its heads joined again."""
    if attention.gives_scores:
        return _with_scores(attention, sources, batch_first=batch_first)
    steps: list[Step] = []
    precisions: tuple[Precision, ...] = ("fp32", "16 bits")
    for precision in precisions:
        algorithm = attention.algorithm(precision)
        run = _RUNNING[algorithm](attention, sources, batch_first, precision)
        joined = attention.sequences * attention.queries * attention.heads * attention.value_size
        is_ordered = _is_ordered(attention, algorithm, batch_first=batch_first)
        # One example whose steps come first is in order as it is.
        alone = algorithm == "efficient" and not batch_first and attention.sequences == 1
        copied = Step(output=joined, what="heads joined", result="of several" if alone else "new")
        last = viewed(joined) if is_ordered else copied
        run.append(structs.replace(last, order="last" if batch_first else "first"))
        steps += [structs.replace(step, precision=precision) for step in run]
    return tuple(steps)


def in_windows(padded: Shape, shape: Shape, heads: int, window: int, table: int, *, bias: bool) -> tuple[Step, ...]:
    """Attention within windows of so many places, whose scores have a bias and a mask, product by product.

    `padded` is the map as whole windows, `table` the number of biases that are learned for relative positions.
    """
    elements, scores = padded.elements, heads * padded.positions * window
    parts = ((-1, "queries"), (-2, "keys"), (-3, "values"))
    positions = Step(output=scores, flow="promoted", gradient="passes", biases=table)
    return (
        # Padded, rolled, and laid out window by window.
        *(Step(output=elements, what="windows") for _ in range(3)),
        _projected(padded, 3 * padded.channels, bias=bias),
        *(Step(output=elements, what=what, inputs=(at,)) for at, what in parts),
        Step(output=scores, inputs=(-3, -2), flow="half", casts=True, keeps="partners"),
        Step(output=scores),
        *((positions,) if table else ()),
        # The mask of what lay apart has 32 bits.
        Step(output=scores, flow="promoted", gradient="passes"),
        Step(output=scores, what="shares", flow="single", casts=True, keeps="output"),
        Step(output=elements, inputs=(-1, -6 if table else -5), flow="half", casts=True, keeps="partners"),
        Step(output=elements, what="heads joined"),
        _projected(padded, padded.channels, bias=bias),
        *(Step(output=elements, order="first") for _ in range(2)),
        viewed(elements) if padded == shape else part_of(shape.elements),
    )


def _groups(inputs: tuple[Shape, ...], places: Sources) -> list[tuple[int, int]]:
    """The inputs that are projected, each with the number of its projections."""
    query, key, value = places
    if key != value or len({inputs[place].channels for place in places}) > 1:
        return [(place, 1) for place in places]
    return [(query, 3)] if query == key else [(query, 1), (key, 2)]


def _laid(steps: list[Step], laid: dict[int, int], shape: Shape, place: int, attention: Attention) -> int:
    """Has an input laid out as sequences, and says which step before the next one did that.

    Several sequences of an example are joined by one copy, whatever takes them; of one each product makes its own.
    """
    if place not in laid or attention.sequences == 1:
        steps.append(laid_out(shape, place))
        laid[place] = len(steps)
    return laid[place] - 1 - len(steps)


def _by_steps(shape: Shape, place: int) -> Step:
    """A copy of an input with its steps before the examples."""
    return Step(output=shape.elements, what="sequence", inputs=(place,), flow="half", casts=True, order="last")


def _projected(shape: Shape, features: int, *, bias: bool, what: str = "projections") -> Step:
    """A product at each position of the sequence."""
    return Step(
        output=features * shape.positions,
        what=what,
        flow="half",
        casts=True,
        keeps="input if trained",
        weights=features * shape.channels,
        biases=features if bias else 0,
        casts_parameters=True,
        keeps_weights="if input learns",
        order="last",
    )


def _is_ordered(attention: Attention, algorithm: Algorithm, *, batch_first: bool) -> bool:
    """True if the channels of all heads lie beside each other, so that they are joined without a copy."""
    if algorithm == "flash" and attention.key_size % FLASH_MULTIPLE:
        return batch_first and attention.heads == 1
    if algorithm == "flash" or attention.queries == 1:
        return True
    return batch_first and (algorithm == "efficient" or attention.heads == 1)


def _flash(attention: Attention, sources: Sources, _batch_first: bool, _precision: Precision) -> list[Step]:
    """Flash attention: with its inputs it keeps its output, and the logarithm of a sum for each query."""
    short = -attention.key_size % FLASH_MULTIPLE
    size = attention.key_size + short
    run: list[Step] = []
    if short:
        sizes = (attention.rows, attention.others, attention.others)
        for at, (source, number) in enumerate(zip(sources, sizes, strict=True)):
            run.append(Step(output=number * size, what="padded heads", inputs=(source - at,), flow="half", casts=True))
        sources = (-3, -2, -1)
    makes = (Made("logarithms of sums", attention.rows, size=4), Made("state of random numbers", fixed=24, size=1))
    output = attention.rows * size
    run.append(_fused(output, sources, makes))
    return run


def _fused(output: int, sources: Sources, makes: tuple[Made, ...]) -> Step:
    """All of an attention by one kernel."""
    return Step(
        output=output,
        what="mixed values",
        inputs=sources,
        flow="half",
        casts=True,
        keeps="inputs and output",
        makes=makes,
    )


def _efficient(attention: Attention, sources: Sources, _batch_first: bool, _precision: Precision) -> list[Step]:
    """The memory-efficient kernel keeps what flash attention does, the logarithms rounded up."""
    rows = -(-attention.queries // EFFICIENT_ROWS) * EFFICIENT_ROWS
    sums = Made("logarithms of sums", attention.sequences * attention.heads * rows, size=4)
    makes = (sums, Made("state of random numbers", fixed=16, size=1))
    output = attention.rows * attention.value_size
    return [_fused(output, sources, makes)]


def _products(attention: Attention, sources: Sources, batch_first: bool, precision: Precision) -> list[Step]:
    """Product by product: scaled queries and keys, the shares of each query and the values are kept.

    What has 16 bits is computed with 32, and made 16 again.
    """
    query, key, value = sources
    scores, values = attention.rows * attention.keys, attention.others * attention.value_size
    run = [
        Step(output=attention.rows * attention.key_size, what="queries", inputs=(query,), flow="single"),
        Step(output=attention.others * attention.key_size, what="keys", inputs=(key - 1,), flow="single"),
        Step(output=scores, inputs=(-2, -1), keeps="partners"),
        Step(output=scores, what="shares", keeps="output"),
    ]
    shares: tuple[int, int] = (PREVIOUS, value - 4)
    # The values of a head do not always lie beside each other, as its product needs them.
    if precision == "16 bits" or (batch_first and attention.heads > 1 and attention.keys > 1):
        run.append(Step(output=values, what="values", inputs=(value - 4,), flow="single"))
        shares = (-2, PREVIOUS)
    mixed = Step(output=attention.rows * attention.value_size, inputs=shares, keeps="partners")
    back = [Step(output=mixed.output, flow="half")] if precision == "16 bits" else []
    return [*run, mixed, *back]


def _with_scores(attention: Attention, sources: Sources, *, batch_first: bool) -> tuple[Step, ...]:
    """Product by product, in the precision that flows, with the softmax of the scores as a further output."""
    run: list[Step] = []
    is_split = batch_first and attention.heads > 1
    queries, others = attention.rows * attention.key_size, attention.others
    scores, mixed = attention.rows * attention.keys, attention.rows * attention.value_size

    def add(output: int, what: str, *taken: int, **other: Any) -> int:
        """One more step, by the places of what it takes; those before the first are negative."""
        run.append(Step(output=output, what=what, inputs=tuple([at - len(run) for at in taken]), **other))
        return len(run) - 1

    def beside(elements: int, length: int, at: int, what: str) -> int:
        """The channels of each head beside each other, as a product takes them: of one example a view."""
        alone: Result = "new" if attention.sequences > 1 else "of several"
        return add(elements, what, at, result=alone) if is_split and length > 1 else at

    product: dict[str, Any] = {"flow": "half", "casts": True, "keeps": "partners"}
    query = beside(queries, attention.queries, add(queries, "queries", sources[0]), "queries")
    key = beside(others * attention.key_size, attention.keys, sources[1], "keys")
    made = add(scores, "scores", query, key, **product)
    is_apart = attention.sequences > 1 and attention.heads > 1
    made = add(scores, "shares", made, flow="single", casts=True, keeps="output", further="" if is_apart else SCORES)
    if is_apart:
        # The shares of each head beside each other, where the sequences come first.
        add(scores, "scores", made, further=SCORES)
    value = beside(others * attention.value_size, attention.keys, sources[2], "values")
    made = add(mixed, "mixed values", made, value, **product)
    if attention.queries == 1 or (batch_first and not is_split):
        return (*run, structs.replace(viewed(mixed), order="last" if batch_first else "first"))
    is_whole = not batch_first and attention.heads == attention.sequences == 1
    add(
        mixed,
        "heads joined",
        made,
        result="of several" if is_whole else "new",
        order="last" if batch_first else "first",
    )
    return tuple(run)


_RUNNING: Final = {"flash": _flash, "efficient": _efficient, "products": _products}
