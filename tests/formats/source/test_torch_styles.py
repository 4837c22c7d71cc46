"""Styles in which people write networks of PyTorch; figures are PyTorch 2.13's, or worked out beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnnstudio.core.arithmetic.shape import Shape
from cnnstudio.core.network.design import Block
from cnnstudio.formats.fault import FileError, OpenQuestion
from tests.formats.source.sources import read

HEAD = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    """


def network(body: str, folder: Path, before: str = "", after: str = "", **options: Any) -> Any:
    """The design and the report of a class `Net` with this body."""
    lines = [line.removeprefix("        ") for line in body.splitlines()]
    inner = "\n".join(f"        {line}" for line in lines)
    return read(f"{HEAD}\n{before}\n    class Net(nn.Module):\n{inner}\n{after}\n", folder, **options)


def test_einops_and_einsum(tmp_path: Path) -> None:
    body = """
        def __init__(self, dim=64, heads=8):
            super().__init__()
            self.heads = heads
            self.patches = nn.Sequential(Rearrange("b c (h p) (w q) -> b (h w) (p q c)", p=4, q=4), nn.Linear(48, dim))
            self.token = nn.Parameter(torch.randn(1, 1, dim))
            self.places = nn.Parameter(torch.randn(1, 65, dim))
            self.qkv = nn.Linear(dim, 3 * dim, bias=False)
            self.out = nn.Linear(dim, dim)
            self.norm = nn.LayerNorm(dim)

        def forward(self, x):
            x = self.patches(x)
            x = torch.cat((repeat(self.token, "1 1 d -> b 1 d", b=x.shape[0]), x), dim=1) + self.places
            q, k, v = map(lambda t: rearrange(t, "b n (h d) -> b h n d", h=self.heads), self.qkv(x).chunk(3, dim=-1))
            scores = torch.einsum("bhid,bhjd->bhij", q, k) * 8 ** -0.5
            x = torch.einsum("bhij,bhjd->bhid", scores.softmax(dim=-1), v)
            return self.norm(reduce(self.out(rearrange(x, "b h n d -> b n (h d)")), "b n d -> b d", "mean"))
        """
    before = "    from einops import rearrange, reduce, repeat\n    from einops.layers.torch import Rearrange\n"
    analysis, report = network(body, tmp_path, before)
    assert report.input_shapes == ((3, 32, 32),)
    assert analysis.totals.parameters == 48 * 64 + 64 + 64 + 65 * 64 + 3 * 64 * 64 + 64 * 64 + 64 + 128
    assert "DotProductAttention" in {row.layer.type_name for row in analysis.rows}


def test_numbers_of_words_and_the_states_of_both_directions(tmp_path: Path) -> None:
    body = """
        def __init__(self, vocab=1000):
            super().__init__()
            self.words = nn.Embedding(vocab, 16, 0)
            self.lstm = nn.LSTM(16, 32, batch_first=True, bidirectional=True)
            self.fc = nn.Linear(64, 2)

        def forward(self, text, lengths):
            packed = nn.utils.rnn.pack_padded_sequence(self.words(text), lengths)
            _, (h, c) = self.lstm(packed)
            return self.fc(torch.cat((h[-2], h[-1]), dim=1))
        """
    analysis, report = network(body, tmp_path, "    max_len = 40\n")
    assert analysis.totals.parameters == 16_000 + 12_800 + 130
    assert report.input_shapes[0] == (40,)
    assert "The input is 40, by max_len in line " in report.assumed[0]


def test_steps_before_the_batch(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(100, 8)
            self.gru = nn.GRU(8, 16)
            self.fc = nn.Linear(16, 3)

        def forward(self, x):
            out, h = self.gru(self.words(x))
            return self.fc(out[-1])
        """
    analysis, report = network(body, tmp_path)
    assert analysis.totals.parameters == 800 + 3 * 16 * (8 + 16 + 2) + 51
    assert any("steps before the batch" in note for note in report.notes)
    assert not report.faults


def test_a_batch_and_its_steps_put_together(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(1, 32, 2, batch_first=True)
            self.fc = nn.Linear(32, 1)

        def forward(self, x):
            out, _ = self.rnn(x)
            out = self.fc(out.reshape(-1, 32)).view(x.size(0), -1, 1)
            return out[:, -1]
        """
    analysis, report = network(body, tmp_path)
    assert analysis.totals.parameters == 32 * (1 + 32 + 2) + 32 * (32 + 32 + 2) + 33
    assert not report.faults


def test_frames_that_are_taken_for_examples_are_a_block_at_each_step(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.cnn = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
                self.lstm = nn.LSTM(8, 16, batch_first=True)
                self.fc = nn.Linear(16, 5)
            def forward(self, x):
                b, t, c, h, w = x.size()
                y = self.cnn(x.view(b * t, c, h, w)).view(b, t, -1)
                y, _ = self.lstm(y)
                return self.fc(y[:, -1])
        """
    analysis, _ = read(text, tmp_path, input_size=(10, 3, 32, 32))
    blocks = [item for item in analysis.design.layers if isinstance(item, Block)]
    assert [(block.name, block.time_distributed) for block in blocks] == [("time_distributed", True)]
    rows = {row.layer.type_name: row for row in analysis.rows}
    assert (rows["Conv2D"].output_shape, rows["Conv2D"].macs) == (Shape(8, (10, 30, 30)), 10 * 27 * 8 * 30 * 30)
    assert rows["LSTM"].input_shapes == (Shape(8, (10,)),)


def test_what_mixes_steps_with_what_has_none_is_refused(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.one = nn.Conv2d(3, 8, 3, padding=1)
            def forward(self, x):
                b, t, c, h, w = x.size()
                y = self.one(x.view(b * t, c, h, w))
                return y.view(b, t * 8, h, w) + x.sum(1).mean(1, keepdim=True)
        """
    analysis, _ = read(text, tmp_path, input_size=(4, 3, 8, 8))
    assert analysis.totals.parameters == 8 * (27 + 1)


def test_noise_and_masks_change_no_shape(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.encoder = nn.Linear(784, 40)
            self.decoder = nn.Linear(20, 784)

        def forward(self, x):
            mean, spread = self.encoder(x.view(-1, 784)).chunk(2, dim=1)
            noise = torch.FloatTensor(spread.size()).normal_()
            z = noise.mul(spread).add_(mean)
            z = z.masked_fill(z == 0, -1.0)
            return torch.sigmoid(self.decoder(z)), mean
        """
    analysis, report = network(body, tmp_path)
    assert analysis.totals.parameters == 784 * 40 + 40 + 20 * 784 + 784
    assert not report.left_out


def test_unpooling_takes_the_places_of_its_pool(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, padding=1)
            self.pool = nn.MaxPool2d(2, 2, return_indices=True)
            self.unpool = nn.MaxUnpool2d(2, 2)

        def forward(self, x):
            x, places = self.pool(self.conv(x))
            return self.unpool(x, places)
        """
    analysis, _ = network(body, tmp_path, input_size=(3, 32, 32))
    assert "MaxUnpool" in {row.layer.type_name for row in analysis.rows}
    with pytest.raises(FileError, match="gives another size than the map had"):
        network(body, tmp_path, input_size=(3, 33, 33))


def test_eval_and_exec_are_followed_like_other_source(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            for i in range(3):
                exec(f"self.conv{i} = nn.Conv2d({4 ** i * 3}, {4 ** (i + 1) * 3}, 1)")
            self.act = eval("nn.ReLU")()

        def forward(self, x):
            return self.act(self.conv2(self.conv1(self.conv0(x))))
        """
    assert network(body, tmp_path)[0].totals.parameters == (3 * 12 + 12) + (12 * 48 + 48) + (48 * 192 + 192)


def test_a_size_that_a_division_gave_is_set_right_and_told(tmp_path: Path) -> None:
    body = """
        def __init__(self, k=5):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, k, padding=(k - 1) / 2)

        def forward(self, x):
            return self.conv(x)
        """
    analysis, report = network(body, tmp_path, input_size=(3, 16, 16))
    assert analysis.rows[-1].output_shape is not None
    assert analysis.rows[-1].output_shape.to_list() == [4, 16, 16]
    assert report.faults[0].endswith("Conv2d takes padding=2.0, which is not a whole number to PyTorch; divide by //.")


def test_weight_norm_adds_numbers_that_are_told(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.conv = nn.utils.weight_norm(nn.Conv1d(2, 6, 3))

        def forward(self, x):
            return self.conv(x)
        """
    analysis, report = network(body, tmp_path)
    assert analysis.totals.parameters == 6 * 2 * 3 + 6
    assert report.notes == ("weight_norm adds 6 learned numbers, the lengths of its weights, to those of the design.",)


WIDTH = """
        def __init__(self, features, classes):
            super().__init__()
            self.fc1 = nn.Linear(features, 16)
            self.fc2 = nn.Linear(16, classes)

        def forward(self, x):
            return self.fc2(F.relu(self.fc1(x)))
        """


def test_all_that_a_call_leaves_open_is_asked_at_once(tmp_path: Path) -> None:
    with pytest.raises(OpenQuestion, match=r"without its arguments features, classes; give --set") as asked:
        network(WIDTH, tmp_path, after="    net = Net()\n")
    assert asked.value.arguments == ("features", "classes")
    answers = (("features", "30"), ("classes", "2"))
    assert network(WIDTH, tmp_path, after="    net = Net()\n", arguments=answers)[0].totals.parameters == 31 * 16 + 34


def test_what_the_data_says_is_asked_by_its_name(tmp_path: Path) -> None:
    data = "    import pandas as pd\n    data = pd.read_csv('d.csv')\n    count = data.label.nunique()\n"
    after = "    net = Net(data.shape[1], count)\n"
    with pytest.raises(OpenQuestion, match=r"out_features, which is not known: .*; give --set count=\.\.\.") as asked:
        network(WIDTH, tmp_path, data, after)
    assert asked.value.arguments == ("count",)
    # The width that the first layer takes is that of the input.
    with pytest.raises(OpenQuestion, match="takes an input whose size the file does not state"):
        network(WIDTH, tmp_path, data, after, arguments=(("count", "2"),))
    analysis, _ = network(WIDTH, tmp_path, data, after, arguments=(("count", "2"),), input_size=(30,))
    assert analysis.totals.parameters == 31 * 16 + 34


def test_an_argument_is_what_the_file_says_elsewhere(tmp_path: Path) -> None:
    analysis, report = network(WIDTH, tmp_path, "    features = 12\n    classes = 4\n")
    assert analysis.totals.parameters == 13 * 16 + 17 * 4
    assert "features is 12, as the file says elsewhere." in report.assumed


def test_a_class_of_settings_is_taken(tmp_path: Path) -> None:
    body = """
        def __init__(self, config):
            super().__init__()
            self.fc = nn.Linear(config.width, config.classes)

        def forward(self, x):
            return self.fc(x)
        """
    before = """
    from dataclasses import dataclass

    @dataclass
    class NetConfig:
        width: int = 20
        classes: int = 3
    """
    analysis, report = network(body, tmp_path, before)
    assert analysis.totals.parameters == 63
    assert "config is taken to be NetConfig(), a class of the file." in report.assumed


def test_weights_that_a_script_loads_spoil_nothing(tmp_path: Path) -> None:
    after = """
    def make():
        net = Net(8, 2)
        own = net.state_dict()
        loaded = {key: value for key, value in torch.load("w.pth").items() if key in own}
        own.update(loaded)
        net.load_state_dict(own)
        return net

    model = make()
    """
    assert network(WIDTH, tmp_path, after=after)[0].totals.parameters == 9 * 16 + 34


def test_a_network_made_in_a_loop_over_data(tmp_path: Path) -> None:
    after = """
    for fold, (train, valid) in enumerate(splitter.split(table)):
        net = Net(8, 2)
        for x, y in loader(train):
            loss = criterion(net(x), y)
    """
    assert network(WIDTH, tmp_path, after=after)[0].totals.parameters == 9 * 16 + 34


def test_a_dictionary_that_a_loop_over_a_file_fills_is_not_empty(tmp_path: Path) -> None:
    before = """
    class Words:
        def __init__(self):
            self.rows = []
            self.count = 0

        def add_word(self, word):
            self.rows.append(word)

    words = Words()
    for line in open("words.txt"):
        words.add_word(line)
    """
    with pytest.raises(OpenQuestion, match="out_features, which is not known"):
        network(WIDTH, tmp_path, before, "    net = Net(4, 1 + len(words.rows))\n")


def test_labels_beside_noise(tmp_path: Path) -> None:
    body = """
        def __init__(self, latent=30, classes=10):
            super().__init__()
            self.label = nn.Embedding(classes, classes)
            self.fc = nn.Linear(latent + classes, 64)

        def forward(self, noise, labels):
            return self.fc(torch.cat((self.label(labels), noise), -1))
        """
    analysis, report = network(body, tmp_path)
    assert report.input_shapes == ((30,), (1,))
    assert analysis.totals.parameters == 100 + 40 * 64 + 64


def test_two_images_that_forward_takes_apart(tmp_path: Path) -> None:
    body = """
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(4, 1)

        def forward(self, x):
            a, b = x
            a, b = (self.conv(part).amax((2, 3)) for part in (a, b))
            return self.fc(torch.abs(a - b))
        """
    analysis, report = network(body, tmp_path, input_size=(3, 16, 16))
    assert report.input_shapes == ((3, 16, 16), (3, 16, 16))
    assert analysis.totals.parameters == 112 + 5


def test_source_that_resembles_another_format_is_source(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn

        def make(
            input_dim: int,
        ):
            return nn.Sequential(nn.Linear(input_dim, 2), nn.ReLU())

        net = make(4)
        """
    assert read(text, tmp_path)[0].totals.parameters == 10
