"""Blocks of imported files: what flows into them and out of them, repeats, and the counts of the list without them."""

from __future__ import annotations

from copy import copy

from cnnstudio.core.counting.analysis import analyze
from cnnstudio.core.network.design import Block, Design, FurtherOutput, Item, structure_faults
from cnnstudio.core.network.layer import Layer
from cnnstudio.formats.foreign.assembly.finishing import finished
from cnnstudio.formats.foreign.draft import Draft
from cnnstudio.formats.foreign.source import Source
from cnnstudio.layers.activation import Activation
from cnnstudio.layers.attention.heads import MultiHeadAttention
from cnnstudio.layers.convolution import Conv2D
from cnnstudio.layers.merge import Add, Concat
from cnnstudio.layers.normalization import LayerNorm
from cnnstudio.layers.pooling import GlobalAvgPool, MaxPool2D
from cnnstudio.layers.reshaping import Upsample
from cnnstudio.layers.sequences.recurrent import LSTM
from cnnstudio.layers.structure import Input


class Network:
    """A draft that is written step by step."""

    def __init__(self) -> None:
        self.draft = Draft()

    def add(self, path: str, layer: Layer, *sources: int) -> int:
        return self.draft.add(layer, tuple(path.split("/")), sources)

    def conv(self, path: str, source: int, filters: int = 8) -> int:
        return self.add(path, Conv2D(filters=filters, kernel_size=3, padding="same"), source)

    def designs(self, *outputs: int) -> tuple[Design, Design]:
        """With blocks and without."""
        self.draft.outputs = list(outputs)
        steps = [copy(step) for step in self.draft.steps]
        found = []
        for fold in (True, False):
            self.draft.steps, self.draft.outputs = [copy(step) for step in steps], list(outputs)
            found.append(finished(Source("a test", "a test", "net", self.draft), fold=fold).design)
        return found[0], found[1]


def drawn(items: tuple[Item, ...]) -> str:
    """The list as text: names, with what blocks hold, take and give."""
    return " ".join([_drawn(item) for item in items])


def _drawn(item: Item) -> str:
    inputs = f"<{','.join(item.inputs)}" if item.inputs else ""
    if not isinstance(item, Block):
        return f"{item.name}{f'={item.output}' if isinstance(item, FurtherOutput) else ''}{inputs}"
    names = ",".join(item.further_inputs)
    given = f">{','.join(item.further_outputs)}" if item.further_outputs else ""
    times = f"×{item.repeat}" if item.repeat > 1 else ""
    return f"{item.name}{times}[{names}]({drawn(item.layers)}){given}{inputs}"


def compare(network: Network, *outputs: int) -> str:
    """The design in blocks as text; it counts as the one without."""
    folded, flat = network.designs(*outputs)
    assert not list(structure_faults(folded.layers))
    ours, plain = analyze(folded), analyze(flat)
    assert ours.problems == plain.problems == ()
    for value in ("weights", "biases", "state", "macs", "activations", "uncounted"):
        assert getattr(ours.totals, value) == getattr(plain.totals, value)
    views = ("FurtherOutput", "Identity")
    told = [
        [
            (row.layer.type_name, row.input_shapes, row.receptive_field)
            for row in each.rows
            if row.layer.type_name not in views
        ]
        for each in (ours, plain)
    ]
    assert told[0] == told[1]
    return drawn(folded.layers)


def test_a_decoder_takes_its_memory_in_every_repeat() -> None:
    net = Network()
    target, source = net.add("target", Input(size=(5,), channels=8)), net.add("source", Input(size=(6,), channels=8))
    for at in range(3):
        path = f"layers/{at}"
        cross = net.add(f"{path}/cross", MultiHeadAttention(heads=2), target, source)
        total = net.add(f"{path}/add", Add(), target, cross)
        norm = net.add(f"{path}/norm", LayerNorm(), total)
        act = net.add(f"{path}/act", Activation(function="gelu"), norm)
        target = net.add(f"{path}/again", Add(), norm, act)
    assert compare(net, target) == (
        "target source layers×3[source](cross<input,source add<input,cross norm act again<norm,act)<target,source"
    )


def test_memory_that_comes_first_is_not_what_flows_on() -> None:
    net = Network()
    state, memory = net.add("state", Input(size=(5,), channels=8)), net.add("memory", Input(size=(6,), channels=8))
    for at in range(2):
        path = f"layers/{at}"
        norm = net.add(f"{path}/norm", LayerNorm(), memory)
        cross = net.add(f"{path}/cross", MultiHeadAttention(heads=2), state, norm)
        total = net.add(f"{path}/add", Add(), state, cross)
        state = net.add(f"{path}/act", Activation(function="gelu"), total)
    assert compare(net, state) == (
        "state memory layers×2[memory](norm<memory cross<input,norm add<input,cross act)<state,memory"
    )


def test_a_u_net_gives_its_scales_and_takes_them_again() -> None:
    net = Network()
    x = net.add("image", Input(size=(16, 16), channels=3))
    skips = []
    for at in range(2):
        x = net.conv(f"encoder/down{at}/conv1", x)
        x = net.add(f"encoder/down{at}/act1", Activation(function="relu"), x)
        skips.append(net.conv(f"encoder/down{at}/conv2", x))
        x = net.add(f"encoder/down{at}/pool", MaxPool2D(pool_size=2), skips[-1])
    for at in (1, 0):
        up = net.add(f"up{at}/up", Upsample(scale=2), x)
        joined = net.add(f"up{at}/cat", Concat(), up, skips[at])
        x = net.conv(f"up{at}/conv1", joined)
        x = net.conv(f"up{at}/conv2", x)
    assert compare(net, x) == (
        "image encoder[](down0[](conv1 act1 conv2 pool)>conv2 down0.conv2=conv2 "
        "down1[](conv1 act1 conv2 pool)>conv2<down0 down1.conv2=conv2 down1.output<down1)>down0.conv2,down1.conv2 "
        "encoder.down0.conv2=down0.conv2 encoder.down1.conv2=down1.conv2<encoder "
        "up1[encoder.down1.conv2](up cat<up,encoder.down1.conv2 conv1 conv2)<encoder,encoder.down1.conv2 "
        "up0[encoder.down0.conv2](up cat<up,encoder.down0.conv2 conv1 conv2)<up1,encoder.down0.conv2"
    )


def test_what_the_last_repeat_gives_is_that_of_the_block() -> None:
    net = Network()
    image = x = net.add("image", Input(size=(16, 16), channels=8))
    for at in range(3):
        inner = net.conv(f"stage/{at}/a", x)
        act = net.add(f"stage/{at}/b", Activation(function="relu"), inner)
        x = net.conv(f"stage/{at}/c", act)
        x = net.add(f"stage/{at}/d", Add(), x, act)
    end = net.add("sum", Add(), x, act)
    end = net.add("all", Add(), end, image)
    assert compare(net, end) == ("image stage×3[](a b c d<c,b)>b stage.b=b sum<stage,stage.b all<sum,image")


def test_what_takes_a_state_stays_with_its_layer() -> None:
    """A group that would part them is none."""
    net = Network()
    words = net.add("words", Input(size=(7,), channels=3))
    lstm = net.add("encoder/rnn/lstm", LSTM(units=5, return_sequences=True), words)
    acts = [net.add(f"encoder/rnn/act{at}", Activation(function="relu"), lstm) for at in range(2)]
    acts.append(net.add("encoder/rnn/act2", Add(), *acts))
    cell = net.add("encoder/cell", FurtherOutput(output="cell"), lstm)
    end = net.add("encoder/end", Concat(), net.add("encoder/all", GlobalAvgPool(), acts[2]), cell)
    assert compare(net, end) == (
        "words encoder[](rnn.lstm rnn.act0 rnn.act1<rnn.lstm rnn.act2<rnn.act0,rnn.act1 cell=cell<rnn.lstm "
        "all<rnn.act2 end<all,cell)"
    )
