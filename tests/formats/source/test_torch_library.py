"""Networks and modules that are followed in the studio's own source: they have as many parameters as the originals."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.source.sources import read

TORCHVISION = {
    "resnext101_32x8d": 88_791_336,
    "resnext101_64x4d": 83_455_272,
    "wide_resnet101_2": 126_886_696,
    "densenet161": 28_681_000,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_v2_m": 54_139_356,
    "efficientnet_v2_l": 118_515_272,
    "mnasnet0_5": 2_218_512,
    "mnasnet0_75": 3_170_208,
    "mnasnet1_3": 6_282_256,
    "convnext_small": 50_223_688,
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "vit_b_32": 88_224_232,
    "vit_l_16": 304_326_632,
    "vit_l_32": 306_535_400,
    "vit_h_14": 632_045_800,
    "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996,
}
"""`num_params` of torchvision's weights."""
TIMM = {
    "resnet50": 25_557_032,
    "resnext50_32x4d": 25_028_904,
    "vit_tiny_patch16_224": 5_717_416,
    "vit_small_patch16_224": 22_050_664,
    "vit_base_patch16_224": 86_567_656,
    "tf_efficientnet_b4_ns": 19_341_616,
    "convnext_tiny": 28_589_128,
    "densenet121": 7_978_856,
    "mobilenetv2_100": 3_504_872,
    "mobilenetv3_large_100": 5_483_032,
}
"""`param_count` of timm's table of results."""


@pytest.mark.parametrize("name", TORCHVISION)
def test_a_network_of_torchvision_without_a_design(name: str, tmp_path: Path) -> None:
    analysis, network = read(f"import torchvision\nmodel = torchvision.models.{name}(pretrained=True)\n", tmp_path)
    assert analysis.totals.parameters == network.stated_parameters == TORCHVISION[name]
    assert not network.notes


@pytest.mark.parametrize("name", TIMM)
def test_a_network_of_timm(name: str, tmp_path: Path) -> None:
    analysis, network = read(f"import timm\nmodel = timm.create_model('{name}', pretrained=True)\n", tmp_path)
    assert analysis.totals.parameters == network.stated_parameters == TIMM[name]


def test_parts_of_a_network_of_torchvision(tmp_path: Path) -> None:
    text = """
        import torch.nn as nn
        from torchvision import models

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                vgg = models.vgg16(pretrained=True)
                self.first = vgg.features[:5]
                self.body = nn.Sequential(*list(models.resnet18().children())[4:6])

            def forward(self, x):
                return self.body(self.first(x))
        """
    # VGG's first two convolutions, and the first two stages of ResNet-18.
    assert read(text, tmp_path)[0].totals.parameters == 1_792 + 36_928 + 147_968 + 525_568


def test_another_head_of_a_network_of_timm(tmp_path: Path) -> None:
    text = """
        import timm
        import torch.nn as nn
        model = timm.create_model("efficientnet_b0", pretrained=True, in_chans=1)
        model.classifier = nn.Linear(model.classifier.in_features, 7)
        """
    # A first convolution of one channel has 2 × 9 × 32 weights less.
    assert read(text, tmp_path)[0].totals.parameters == 5_288_548 - 576 - 1_281_000 + 1_280 * 7 + 7


@pytest.mark.parametrize("first", ["batch_first=True", "norm_first=True", "activation='gelu'"])
def test_a_transformer_encoder(first: str, tmp_path: Path) -> None:
    text = f"""
        import torch
        import torch.nn as nn

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.words = nn.Embedding(1000, 64)
                self.places = nn.Embedding(50, 64)
                layer = nn.TransformerEncoderLayer(64, 4, dim_feedforward=128, {first})
                self.encoder = nn.TransformerEncoder(layer, num_layers=2)
                self.fc = nn.Linear(64, 5)

            def forward(self, x):
                x = self.words(x) + self.places(torch.arange(x.shape[1]))
                return self.fc(self.encoder(x).mean(dim=1))
        """
    analysis, network = read(text, tmp_path)
    # As torch.nn has them; the table of positions says how many words there are.
    assert analysis.totals.parameters == 64_000 + 3_200 + 2 * 33_472 + 325
    assert network.input_shapes == ((50,),)
    is_mistaken = "batch_first" not in first
    assert len(network.faults) == is_mistaken
    assert not is_mistaken or "without batch_first takes the batch for its steps" in network.faults[0]


def test_a_network_of_timm_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="timm's maxvit_tiny_tf_224 is not read"):
        read("import timm\nmodel = timm.create_model('maxvit_tiny_tf_224')\n", tmp_path)
