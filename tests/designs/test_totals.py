"""The totals of every built-in design against `REFERENCES`."""

from __future__ import annotations

import pytest

from cnnstudio.core.counting.working import is_complete
from tests.designs.builtin import count, load
from tests.designs.references import REFERENCES
from tests.designs.truth_rows import read
from tests.places import TRUTH


@pytest.mark.parametrize("stem", REFERENCES)
def test_totals_are_the_reference(stem: str) -> None:
    reference, totals = REFERENCES[stem], count(stem).totals
    assert load(stem).convention == reference.convention
    assert is_complete(count(stem))
    assert (totals.parameters, totals.macs) == (reference.parameters, reference.macs)


PUBLISHED = [stem for stem, reference in REFERENCES.items() if reference.gmacs is not None]


@pytest.mark.parametrize("stem", PUBLISHED)
def test_macs_round_to_the_published_figure(stem: str) -> None:
    assert round(count(stem).totals.macs / 1e9, 3) == REFERENCES[stem].gmacs


@pytest.mark.parametrize("stem", REFERENCES)
def test_totals_are_the_sums_of_the_rows(stem: str) -> None:
    analysis = count(stem)
    totals = analysis.totals
    assert totals.layers == len(analysis.rows)
    for name in ("weights", "biases", "parameters", "state", "trainable", "macs", "activations"):
        assert getattr(totals, name) == sum(getattr(row, name) for row in analysis.rows), name


KERAS_TOTALS = {
    # stem: trainable, non-trainable as keras.applications prints them
    "vgg-19": (143_667_240, 0),
    "densenet-169": (14_149_480, 158_400),
    "densenet-201": (20_013_928, 229_056),
    "mobilenet-v1": (4_231_976, 21_888),
    "mobilenet-v3-large": (5_483_032, 24_400),
    "mobilenet-v3-small": (2_542_856, 12_112),
    "efficientnet-v2-s": (21_458_488, 153_872),
    "convnext-tiny": (28_589_128, 0),
}


@pytest.mark.parametrize("stem", KERAS_TOTALS)
def test_keras_totals(stem: str) -> None:
    totals = count(stem, "keras").totals
    assert (totals.trainable, totals.non_trainable) == KERAS_TOTALS[stem]


TORCH_FILES = sorted(path.stem for path in (TRUTH / "torch").glob("*.json"))


def test_published_figures_of_truth_are_those_of_the_table() -> None:
    published = {
        (weights["num_params"], weights["_ops_gmacs"])
        for name in TORCH_FILES
        for weights in read(f"torch/{name}.json")["published"]
    }
    table = {(reference.parameters, reference.gmacs) for reference in REFERENCES.values()}
    # Of Inception-v3 the parameters are published with the auxiliary head and the operations without.
    assert published - table == {(27_161_264, 5.713)}
    assert len(published) == len(TORCH_FILES)
