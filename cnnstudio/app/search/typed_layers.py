"""Layers from one typed line: `conv 60 7x7 valid, pool 2, dense 250, softmax`.

Layers are parted by commas, or by where the next one is named. Numbers fill the fields in the order in which people
say them, `7x7` a window, `/2` a stride; `same`, `groups 32`, `units=10` and `nobias` say the rest. Names are those of
the palette, of other frameworks, and of every day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import cycle, islice, repeat
from pathlib import Path
from typing import Any, Final

from cnnstudio.app.search.layer_search import named_type
from cnnstudio.app.search.typed_calls import is_call, is_known, read_call
from cnnstudio.app.search.typed_draft import NUMERIC, BlockDraft, Draft, TypedLayer
from cnnstudio.app.search.typed_times import Repeated, in_full, is_count, pair_of, whole_times, with_plain_times
from cnnstudio.app.search.typed_words import parts_of, tokens_of
from cnnstudio.core.arithmetic.shape import MAX_RANK
from cnnstudio.core.network.design import BLOCK_INPUT, Block, Design, Item, with_names
from cnnstudio.core.network.distribution import AT_EACH_STEP
from cnnstudio.core.network.fields import Field
from cnnstudio.dialects.dialect import letters
from cnnstudio.dialects.naming import field_meant, function_meant, is_without_type, layers_meant
from cnnstudio.formats.building_blocks import BuildingBlock
from cnnstudio.layers import LAYER_TYPES, form_for

MAX_LAYERS: Final = 200
MAX_LENGTH: Final = 2_000
_MAX_NAME: Final = 4
"""Words in the name of a layer."""
_ASIDE: Final = frozenset(
    ["a", "an", "and", "by", "filters", "kernel", "kernels", "layer", "layers", "of", "the", "then", "units", "with"]
)
"""Words that may stand anywhere and say nothing by themselves."""
_LETTERS: Final = {"k": "kernel_size", "s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
_WINDOWS: Final = ("kernel_size", "pool_size", "output_size", "scale", "size")
"""Fields that `7x7` fills."""
_CHOICES: Final = ("direction", "mode", "padding_mode", "function")
"""Fields whose values say by themselves which they are."""
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:[.][0-9]+)?|[.][0-9]+)%?")
_SIZES: Final = re.compile(r"[0-9]+(?:[x×][0-9]+)+")
_TIMES: Final = re.compile(r"[x×]([0-9]+)|([0-9]+)[x×]")
_SAID: Final = re.compile(r"(\w+)[=:](.+)")
_LETTERED: Final = re.compile(r"([kspdg])([0-9]+)")
TIME_DISTRIBUTED: Final = "TimeDistributed"
_AT_EACH_STEP: Final = re.compile(r"(?:[\w.]+\.)?TimeDistributed\((.*)\)", re.DOTALL)


def read_line(text: str, rank: int = 2, blocks: Sequence[BuildingBlock] = ()) -> tuple[TypedLayer, ...]:
    """The layers of a line, for a map with `rank` spatial axes.

    Raises ValueError with a sentence for what is not understood.
    """
    # Before any pattern is tried: a page that was pasted by mistake would hold up the typing.
    if len(text) > MAX_LENGTH:
        raise ValueError(f"Type at most {MAX_LENGTH:,} characters.")
    parts = (part for part in parts_of(with_plain_times(text)) if part.strip())
    # No further than that: `conv x99 relu x99` would be ten thousand.
    layers = list(islice((layer for part in parts for layer in _read_part(part, rank, blocks)), MAX_LAYERS + 1))
    if len(layers) > MAX_LAYERS:
        raise ValueError(f"Add at most {MAX_LAYERS} layers at a time.")
    return tuple(layers)


def _read_part(part: str, rank: int, blocks: Sequence[BuildingBlock]) -> Iterator[TypedLayer]:
    inner, times = whole_times(part.strip())
    if (distributed := _AT_EACH_STEP.fullmatch(inner)) is not None:
        return iter([_at_each_step(distributed[1], rank - 1, blocks)] * times)
    if is_call(inner) and not is_known(inner) and _layer_named(inner.partition("(")[0].strip())[0]:
        # Everybody's name and no framework's: `dense(10)`.
        return islice(cycle(list(_Reader(tokens_of(re.sub(r"[(),]", " ", inner)), rank, blocks).read())), times)
    if is_call(inner):
        type_name, fields = read_call(inner, rank)
        draft = Draft(type_name, {}, rank)
        draft.given |= fields
        return islice(repeat(draft.made()), times)
    if inner.startswith("(") and inner.endswith(")"):
        layers = [layer for each in parts_of(inner[1:-1]) if each.strip() for layer in _read_bare(each, rank, blocks)]
        return (layer for _ in range(times) for layer in layers)
    return _read_bare(part, rank, blocks)


def _at_each_step(text: str, rank: int, blocks: Sequence[BuildingBlock]) -> TypedLayer:
    """A block that is applied at each step, of what is typed inside the brackets of a TimeDistributed."""
    layers = [layer for each in parts_of(text) if each.strip() for layer in _read_bare(each, max(rank, 1), blocks)]
    inner: list[Item] = []
    for layer in layers:
        inner += layer.item.design.layers if isinstance(layer.item, BuildingBlock) else [layer.item]
    if not inner:
        raise ValueError("TimeDistributed needs a layer: TimeDistributed(Dense(64)).")
    note = f"{AT_EACH_STEP}: {', '.join([layer.name for layer in layers])}"
    block = Block(name="time_distributed", time_distributed=True, layers=with_names(tuple(inner), (BLOCK_INPUT,)))
    return TypedLayer(BuildingBlock(Path(TIME_DISTRIBUTED), Design(name=TIME_DISTRIBUTED, note=note, layers=(block,))))


def _read_bare(part: str, rank: int, blocks: Sequence[BuildingBlock]) -> Iterator[TypedLayer]:
    """The layers of a part that is no pair of brackets as a whole."""
    if is_call(part):
        return _read_part(part, rank, blocks)
    return _Reader(tokens_of(part), rank, blocks).read()


def typed_layers(text: str, rank: int = 2) -> tuple[TypedLayer, ...]:
    """The layers of a line; none if it is not one."""
    try:
        return read_line(text, rank)
    except ValueError:
        return ()


class _Reader:
    """Reads the words between two commas."""

    def __init__(self, tokens: list[str], rank: int, blocks: Sequence[BuildingBlock]) -> None:
        self.tokens = tokens
        self.rank = rank
        self.blocks = {letters(block.name): block for block in blocks}
        self.place = 0
        self.waiting: list[str] = []
        self.drafts: list[Draft] = []

    def read(self) -> Iterator[TypedLayer]:
        """The layers. Raises ValueError with a sentence for a word that belongs to none."""
        while self.place < len(self.tokens):
            if not (self._reads_argument() or self._reads_layer() or self._waits()):
                raise ValueError(self._refusal())
        if self.waiting:
            raise ValueError(f"'{self.waiting[0]}' belongs to no layer: name the layer first, such as conv.")
        made = [draft.made() for draft in self.drafts]
        read = [Repeated(typed.item, draft.times, draft.leads) for typed, draft in zip(made, self.drafts, strict=True)]
        yield from (made[place] for place in in_full(read))

    @property
    def _last(self) -> Draft | None:
        return self.drafts[-1] if self.drafts else None

    def _waits(self) -> bool:
        """A number or a word without meaning before the first layer."""
        token = self.tokens[self.place]
        if token.lower() not in _ASIDE:
            if self.drafts or not re.fullmatch(r"/?[0-9x×.%]+", token):
                return False
            self.waiting.append(token)
        self.place += 1
        return True

    def _refusal(self) -> str:
        token = self.tokens[self.place]
        if self._last is None:
            return f"There is no layer type '{token}'."
        if isinstance(self._last, BlockDraft):
            return f"'{token}' says nothing of {self._last.type_name}, a building block."
        titles = [
            field.words for field in self._last.fields.values() if field.name not in ("name", "note", "label", "inputs")
        ]
        return f"'{token}' says nothing of {self._last.type_name}: it has {', '.join(titles)}."

    # Layers

    def _reads_layer(self) -> bool:
        """Begins the next layer, if its name stands here."""
        # The longest name first, or `max pool` would be read as `max`, which is a layer of its own.
        for length in range(min(_MAX_NAME, len(self.tokens) - self.place), 0, -1):
            words = self.tokens[self.place : self.place + length]
            if all(re.fullmatch(r"[A-Za-z_][\w.-]*", word) for word in words) and self._begins(" ".join(words)):
                self.place += length
                self._take_waiting()
                return True
        return False

    def _begins(self, name: str) -> bool:
        block = self.blocks.get(letters(name))
        if block is not None and letters(name) not in map(letters, LAYER_TYPES):
            self.drafts.append(BlockDraft(block))
            return True
        type_name, implied, unstated = _layer_named(name)
        if not type_name:
            return False
        says_rank = "causal" in implied or re.search(r"[123]d", name.lower()) is not None
        draft = Draft(type_name if says_rank else form_for(type_name, self.rank), implied, self.rank, unstated)
        self.drafts.append(draft)
        return True

    def _take_waiting(self) -> None:
        """Gives the layer the numbers that stand before its name."""
        draft, waiting, self.waiting = self.drafts[-1], self.waiting, []
        following = self.tokens[self.place] if self.place < len(self.tokens) else ""
        if len(waiting) == 1 and is_count(waiting[0], following) and "filters" in draft.open_numbers():
            waiting = [f"{waiting[0]}x"]
        for token in waiting:
            if not (self._times(draft, token, leads=True) or self._number(draft, token)):
                raise ValueError(f"'{token}' says nothing of {draft.type_name}.")

    # What is said of a layer

    def _reads_argument(self) -> bool:
        draft = self._last
        if draft is None:
            return False
        token = self.tokens[self.place]
        following = self.tokens[self.place + 1] if self.place + 1 < len(self.tokens) else ""
        used = self._words_used(draft, token, following)
        self.place += used
        return bool(used)

    def _words_used(self, draft: Draft, token: str, following: str) -> int:
        """Takes what a word, and perhaps the next one, says of a layer; returns how many of them it took."""
        word = token.lower()
        if isinstance(draft, BlockDraft):
            return int(self._times(draft, token))
        if _NUMBER.fullmatch(token) and self._is_number_of(draft, following):
            draft.set(field_meant(draft.type_name, following), token)
            return 2
        if self._times(draft, token) or self._number(draft, token) or self._kind_of_pool(draft, word):
            return 1
        if word in ("same", "valid") and "padding" in draft.fields:
            draft.set("padding", word)
            return 1
        if "bias" in draft.fields and (word in ("nobias", "no-bias") or f"{word} {following.lower()}" in _NO_BIAS):
            draft.set("bias", "no")
            return 1 if word in ("nobias", "no-bias") else 2
        return (
            self._named(draft, token, following)
            or self._in_two_words(draft, token, following)
            or int(self._choice(draft, word))
            or self._function(draft, word)
        )

    def _times(self, draft: Draft, token: str, *, leads: bool = False) -> bool:
        times = _TIMES.fullmatch(token.lower())
        if times and not int(times[1] or times[2]):
            raise ValueError(f"'{token}' adds no layer: repeat it once or more.")
        if times:
            draft.times, draft.leads = min(MAX_LAYERS + 1, int(times[1] or times[2])), leads
        return times is not None

    def _kind_of_pool(self, draft: Draft, word: str) -> bool:
        """`pool 2 avg`, which is no pooling of its own."""
        kind = {"avg": "Avg", "average": "Avg", "max": "Max"}.get(word)
        other = re.sub(r"(Avg|Max)(?=Pool)", kind, draft.type_name) if kind else draft.type_name
        if kind is None or "Pool" not in draft.type_name or other not in LAYER_TYPES:
            return False
        draft.type_name = other
        return True

    def _named(self, draft: Draft, token: str, following: str) -> int:
        """`stride=2`, `s2`, `groups 32`."""
        said, lettered = _SAID.fullmatch(token), _LETTERED.fullmatch(token.lower())
        if lettered and _LETTERS[lettered[1]] in draft.fields:
            draft.set(_LETTERS[lettered[1]], lettered[2])
            return 1
        name, value, used = (said[1], said[2], 1) if said else (token, following, 2)
        field = field_meant(draft.type_name, name) or _LETTERS.get(name.lower(), "")
        if not field or field not in draft.fields:
            return 0
        # Without a sign between them the second word must look like a value: in `conv stride dense` it is the next
        # layer.
        if not said and not re.match(r"[0-9\[]|same$|valid$|true$|false$|yes$|no$", value.lower()):
            return 0
        draft.set(field, _function_or(value, draft.fields[field]))
        return used

    def _is_number_of(self, draft: Draft, following: str) -> bool:
        """True if a number stands before the name of its field, as in `8 heads`, and no other number after that."""
        field = field_meant(draft.type_name, following)
        after = self.tokens[self.place + 2] if self.place + 2 < len(self.tokens) else ""
        is_open = field in draft.fields and field not in draft.said and draft.fields[field].kind in NUMERIC
        return is_open and not after[:1].isdigit()

    def _in_two_words(self, draft: Draft, token: str, following: str) -> int:
        """`return sequences`, `padding mode reflect`."""
        field = field_meant(draft.type_name, f"{token} {following}") if following.isalpha() else ""
        if field not in draft.fields:
            return 0
        after = self.tokens[self.place + 2] if self.place + 2 < len(self.tokens) else ""
        if draft.fields[field].kind == "switch":
            says = after.lower() in ("yes", "no", "true", "false")
            draft.set(field, after if says else "yes")
            return 2 + says
        draft.set(field, after)
        return 3

    def _choice(self, draft: Draft, word: str) -> bool:
        """A value of a choice by itself: `lstm 64 bidirectional`, `upsample bilinear`."""
        word = {"bidirectional": "both"}.get(word, word)
        for field in draft.fields.values():
            known = field.choices if field.name in _CHOICES else ()
            if word in known and field.name not in draft.said:
                draft.set(field.name, word)
                return True
        return False

    def _function(self, draft: Draft, word: str) -> int:
        function = function_meant(word)
        if not function or "activation" not in draft.fields or "activation" in draft.said:
            return 0
        draft.set("activation", function)
        return 1

    def _number(self, draft: Draft, token: str) -> bool:
        if token.startswith("/") and "stride" in draft.fields and _is_size(token[1:]):
            draft.set("stride", token[1:])
            return True
        if draft.type_name == "Input" and _is_size(token):
            _add_to_input(draft, token)
            return True
        counted = next(iter(draft.open_numbers()), "")
        pair = pair_of(token, takes_window=any(name in draft.fields for name in _WINDOWS))
        if pair and (counted in ("filters", "units") or (counted and counted not in (*_WINDOWS, "channels"))):
            return self._number(draft, pair[0]) and self._times(draft, f"x{pair[1]}")
        if _SIZES.fullmatch(token.lower()):
            return self._window(draft, token)
        if not _NUMBER.fullmatch(token):
            return False
        name = next(iter(draft.open_numbers()), "")
        if name:
            draft.set(name, str(float(token[:-1]) / 100) if token.endswith("%") else token)
        return bool(name)

    def _window(self, draft: Draft, token: str) -> bool:
        name = next((name for name in _WINDOWS if name in draft.fields and name not in draft.said), "")
        sizes = re.split("[x×]", token.lower())
        if name and draft.type_name == "Reshape" and len(sizes) == draft.rank + 1 and len(sizes) > 2:
            return _shape_of_reshape(draft, sizes)
        if name:
            draft.type_name = _of_kernel(draft.type_name, len(sizes))
            # One number is all axes of a window, but a single axis of a shape.
            is_one = len(set(sizes)) == 1 and name != "size"
            draft.set(name, sizes[0] if is_one else " × ".join(sizes))
        return bool(name)


_NO_BIAS: Final = ("no bias", "without bias")


def _shape_of_reshape(draft: Draft, sizes: list[str]) -> bool:
    """`4x4x512` and `512x4x4`: of sizes and channels, the sizes are more often the same."""
    first = sizes[0] != sizes[1] == sizes[2]
    draft.set("channels", sizes.pop(0 if first else -1))
    draft.set("size", " × ".join(sizes))
    return True


def _is_size(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]+([x×][0-9]+)*", text.lower()))


def _function_or(text: str, field: Field) -> str:
    return (function_meant(text) or text) if "relu" in field.choices else text


def _layer_named(name: str) -> tuple[str, dict[str, Any], Sequence[tuple[str, Any]]]:
    """The type that a name means, with the fields that it says and those that it leaves unsaid; "" for none."""
    own = {letters(type_name): type_name for type_name in LAYER_TYPES}.get(letters(name))
    if own:
        return own, {}, ()
    meant = next((found for found in layers_meant(name) if found.layer in LAYER_TYPES), None)
    if meant is not None:
        return meant.layer, dict(meant.implied), meant.unstated
    function = function_meant(name)
    if function:
        return "Activation", {"function": function}, ()
    if is_without_type(name):
        raise ValueError(f"There is no layer type for '{name}': add Opaque, and state what it gives and holds.")
    # Of two letters nearly every one is the beginning of some name.
    found = named_type(name) if len(letters(name)) > 2 else ""
    # As in `2 convs 64`.
    return _layer_named(name[:-1]) if not found and re.fullmatch(r".{3,}[a-z]s", name) else (found, {}, ())


def _of_kernel(type_name: str, axes: int) -> str:
    """The same type with windows of so many axes, where there is one: Conv1D for Conv2D."""
    other = re.sub(r"[123]D$", f"{axes}D", type_name)
    return other if other in LAYER_TYPES else type_name


def _add_to_input(draft: Draft, token: str) -> None:
    """`224x224x3`, `3x224x224` or `100x100 1`: sizes, and the channels where three or more are given or one follows."""
    sizes = re.split("[x×]", token.lower())
    if "size" in draft.said:
        draft.set("channels", token)
        return
    if 3 <= len(sizes) <= MAX_RANK + 1:
        # Both orders are common. Images have up to four channels and are never so small, so that the smallest number
        # tells.
        is_first = int(sizes[0]) <= 4 < min(map(int, sizes[1:]))
        draft.set("channels", sizes.pop(0) if is_first else sizes.pop())
    # A single number is the side of an image where images flow.
    sizes = sizes if len(sizes) > 1 else sizes * max(draft.rank, 1)
    draft.set("size", " × ".join(sizes) if len(sizes) > 1 else f"[{sizes[0]}]")
