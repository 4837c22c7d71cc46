"""ONNX files: names, shapes of all rows, weights within and beside the file."""

from __future__ import annotations

import math

import pytest

from cnnstudio.exports import TARGETS, onnx
from cnnstudio.exports.target import Exported, ExportOptions
from tests.exports.onnx.reading import fields, sizes
from tests.exports.samples import BRANCHED, NESTED, analysis_of

SEEDED = ExportOptions(weights="seeded")


def written(source: str, options: ExportOptions | None = None) -> Exported:
    return TARGETS["onnx"].write(analysis_of(source), options or ExportOptions())


def graph_of(content: bytes) -> dict[int, list[bytes]]:
    """The fields of the graph in a model."""
    return fields(fields(content)[7][0])


def entry_of(message: bytes) -> tuple[str, str]:
    """The key and the value of an entry about external data."""
    found = fields(message)
    return found[1][0].decode(), found[2][0].decode()


@pytest.mark.parametrize("source", [BRANCHED, NESTED, "resnet-18"])
def test_every_row_has_its_shape_under_its_path(source: str) -> None:
    graph = graph_of(written(source).content)
    shapes = dict(map(sizes, [*graph[11], *graph[13]]))
    for row in analysis_of(source).rows:
        assert row.output_shape is not None
        assert shapes[row.path] == ["batch", *row.output_shape.to_list()]


def test_outputs_are_those_that_are_marked_and_what_nothing_takes() -> None:
    graph = graph_of(written(BRANCHED).content)
    assert [sizes(output)[0] for output in graph[12]] == ["map", "fc"]


def test_operators_stand_in_the_groups_of_their_paths() -> None:
    names = [fields(node)[3][0].decode() for node in graph_of(written(NESTED).content)[1]]
    assert "stage[2]/inner[1]/conv/Conv" in names


def test_a_light_file_has_no_weights_and_a_seeded_one_all_of_them() -> None:
    analysis = analysis_of("resnet-18")
    wanted = analysis.totals.weights + analysis.totals.biases + analysis.totals.state
    assert len(written("resnet-18").content) < 100_000
    seeded = graph_of(written("resnet-18", SEEDED).content)
    tensors = [fields(tensor) for tensor in seeded[5]]
    assert sum(math.prod(tensor[1]) for tensor in tensors if tensor[2] == [1] and b"." in tensor[8][0]) == wanted


def test_seeded_files_are_the_same_bytes() -> None:
    assert written(NESTED, SEEDED).content == written(NESTED, SEEDED).content


def test_weights_that_the_file_cannot_hold_lie_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx, "MAX_INLINE_BYTES", 100)
    result = written(NESTED, SEEDED)
    ((name, parts),) = result.companions_of("net.onnx")
    data = b"".join(parts)
    assert name == "net.onnx.data"
    tensors = [fields(tensor) for tensor in graph_of(result.content_of("net.onnx"))[5]]
    places = [dict(map(entry_of, tensor[13])) for tensor in tensors if 13 in tensor]
    assert places[0] == {"location": "net.onnx.data", "offset": "0", "length": places[0]["length"]}
    assert sum(int(place["length"]) for place in places) == len(data)


def test_an_input_that_nothing_takes_is_passed_on() -> None:
    text = "cnnstudio: 1\nlayers:\n- {type: Input, name: image, channels: 4}\n"
    graph = graph_of(written(text).content)
    assert [sizes(output) for output in graph[12]] == [("image/Identity", ["batch", 4])]
    assert [fields(node)[2] for node in graph[1]] == [[b"image/Identity"]]
