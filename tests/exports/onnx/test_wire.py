"""The wire form of ONNX files, read back by a reader of a few lines."""

from __future__ import annotations

import struct

from cnnstudio.exports.onnx import wire
from cnnstudio.exports.onnx.seeded import repeated_float, seeded_floats
from tests.exports.onnx.reading import fields


def test_whole_numbers_are_in_groups_of_seven_bits() -> None:
    assert [wire.varint(number) for number in (0, 127, 128, 300)] == [b"\0", b"\x7f", b"\x80\x01", b"\xac\x02"]
    assert wire.varint(-1) == b"\xff" * 9 + b"\x01"


def test_an_attribute_tells_its_type() -> None:
    assert fields(wire.attribute("a", 3)) == {1: [b"a"], 3: [3], 20: [2]}
    assert fields(wire.attribute("a", "b")) == {1: [b"a"], 4: [b"b"], 20: [3]}
    assert fields(wire.attribute("a", [1, 2])) == {1: [b"a"], 8: [1, 2], 20: [7]}
    assert fields(wire.attribute("a", 1.0))[20] == [1]


def test_seeded_numbers_are_the_same_and_of_the_size_that_is_asked_for() -> None:
    data = seeded_floats("conv.weight", 1000, 0.125)
    numbers = struct.unpack("<1000f", data)
    assert data == seeded_floats("conv.weight", 1000, 0.125)
    assert data != seeded_floats("conv.bias", 1000, 0.125)
    assert all(0.125 <= abs(number) < 0.25 for number in numbers)
    assert 350 < sum(number > 0 for number in numbers) < 650
    assert all(number > 0 for number in struct.unpack("<99f", seeded_floats("bn", 99, 0.5, signed=False)))


def test_one_number_can_be_repeated() -> None:
    assert struct.unpack("<3f", repeated_float(0.5, 3)) == (0.5, 0.5, 0.5)
