"""The setting that memory is estimated for: batch, optimizer, precision, mode, and the card."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from cnnstudio.core.network.problem import did_you_mean

Mode = Literal["train", "inference"]
Precision = Literal["fp32", "bf16", "fp16"]
"""fp32 without TF32, or autocast to 16 bits."""
Optimizer = Literal["sgd", "momentum", "adam", "adamw"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
OPTIMIZERS: Final[tuple[Optimizer, ...]] = get_args(Optimizer)
STATES: Final[dict[Optimizer, int]] = {"sgd": 0, "momentum": 1, "adam": 2, "adamw": 2}
"""The numbers that an optimizer stores for each parameter."""
MIB: Final = 1 << 20
GIB: Final = 1 << 30
MAX_BATCH: Final = 1_000_000
MAX_CARD_GIB: Final = 100_000

HOPPER_WORKSPACE: Final = 32 * MIB
"""The workspace of cuBLAS for each handle on Hopper and newer. Source: PyTorch pull request 120925."""
EARLIER_WORKSPACE: Final = 8_519_680
"""The same on earlier cards, 8.125 MiB. Source: PyTorch, `CUDABlas.cpp`; not measured."""


FUSED: Final = "fused "
"""Before the name of an optimizer whose step takes no temporaries."""


class Setting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The training or the inference that is meant, and the card that it is meant for, if any is.

    Raises ValueError for a batch or a card that cannot be.
    """

    batch: Annotated[int, Meta(title="Batch", description="examples at once", ge=1, le=MAX_BATCH)] = 32
    optimizer: Annotated[Optimizer, Meta(title="Optimizer", description="whose states are kept in memory")] = "adam"
    precision: Annotated[
        Precision, Meta(title="Precision", description="fp32 with TF32 off, or autocast to 16 bits")
    ] = "fp32"
    mode: Annotated[Mode, Meta(title="Mode", description="a training step, or inference")] = "train"
    fused: Annotated[
        bool, Meta(title="Fused", description="the optimizer is one of PyTorch's fused ones, without temporaries")
    ] = False
    gpu: Annotated[
        str, Meta(title="GPU", description="a card by its memory, such as 8GB, or by its name", max_length=60)
    ] = ""

    def __post_init__(self) -> None:
        if not 1 <= self.batch <= MAX_BATCH:
            raise ValueError(f"the batch is a number from 1 to {MAX_BATCH:,}, and received {self.batch:,}")
        if self.gpu:
            card_named(self.gpu)

    @property
    def words(self) -> tuple[str, ...]:
        """The choices in words: batch, optimizer, precision, mode, and the card."""
        optimizer = f"{FUSED}{self.optimizer}" if self.fused else self.optimizer
        return (str(self.batch), optimizer, self.precision, self.mode, self.gpu)

    @property
    def card(self) -> Card | None:
        """The card, None where none was chosen."""
        return card_named(self.gpu) if self.gpu else None

    @property
    def trains(self) -> bool:
        """True for training."""
        return self.mode == "train"

    @property
    def casts(self) -> bool:
        """True for autocast to 16 bits."""
        return self.precision != "fp32"


class Card(Struct, frozen=True):
    """A graphics card: its memory in bytes, as it reports it, and what cuBLAS takes for each handle on it.

    `workspace` is None for a card of which only the memory is known.
    """

    name: str
    memory: int
    workspace: int | None = None


def workspace_of(card: Card | None) -> int:
    """The workspace of cuBLAS for each handle: the larger one for a card that is not known."""
    return HOPPER_WORKSPACE if card is None or card.workspace is None else card.workspace


def _card(name: str, gigabytes: int, hopper: bool = False) -> Card:
    return Card(name, gigabytes * GIB, HOPPER_WORKSPACE if hopper else EARLIER_WORKSPACE)


CARDS: Final = (
    *(_card("GTX 1650", 4), _card("GTX 1060", 6), _card("RTX 2060", 6), _card("GTX 1080", 8), _card("RTX 2070", 8)),
    *(_card("RTX 3060 Ti", 8), _card("RTX 3070", 8), _card("RTX 4060", 8), _card("RTX 3080", 10)),
    *(_card("GTX 1080 Ti", 11), _card("RTX 2080 Ti", 11), _card("RTX 3060", 12), _card("RTX 4070", 12)),
    *(_card("T4", 16), _card("V100 16 GB", 16), _card("RTX 4060 Ti 16 GB", 16), _card("RTX 4080", 16)),
    *(_card("RTX 3090", 24), _card("RTX 4090", 24), _card("A10", 24), _card("L4", 24)),
    *(_card("V100 32 GB", 32), _card("A100 40 GB", 40), _card("RTX A6000", 48), _card("L40S", 48)),
    *(_card("A100 80 GB", 80), _card("H100", 80, hopper=True), _card("H200", 141, hopper=True)),
)
"""Common cards by their memory. The memory is the marketed one: what the card reports is a little less."""

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|MIB|GB|GIB|G|M)?", re.IGNORECASE)


def card_named(text: str) -> Card:
    """A card by its name or by its memory: `RTX 4090`, `8GB`, `8192MB`, `8`; 1 GB of a card is 1,024 MiB.

    Raises ValueError with one sentence for what is neither.
    """
    wanted = " ".join(text.split())
    for card in CARDS:
        if _plain(card.name) == _plain(wanted):
            return card
    match = _SIZE.fullmatch(wanted)
    if match is None:
        hint = did_you_mean(wanted, [card.name for card in CARDS])
        raise ValueError(f"a card is given by its memory, such as 8GB, or by its name, and received '{text}'.{hint}")
    unit = MIB if (match[2] or "G").upper().startswith("M") else GIB
    memory = int(float(match[1]) * unit)
    if not MIB <= memory <= MAX_CARD_GIB * GIB:
        raise ValueError(f"a card has from 1 MB to {MAX_CARD_GIB:,} GB of memory, and received '{text}'.")
    return Card(wanted, memory)


def _plain(name: str) -> str:
    return name.replace(" ", "").replace("-", "").upper()
