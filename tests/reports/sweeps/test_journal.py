"""The journal from which a sweep goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from cnnstudio.authoring.retyping import change_type
from cnnstudio.core.sweeps.axis import parse_axis
from cnnstudio.core.sweeps.running import chunks
from cnnstudio.core.sweeps.space import Sample, Space
from cnnstudio.core.sweeps.table import Chunk
from cnnstudio.reports.sweeps.journal import Journal
from tests.designs.builtin import load


def space(*texts: str) -> Space:
    """A space of LeNet-5 with errors, refusals and numbers beyond 64 bits."""
    design = load("lenet-5-modern")
    return Space(design, tuple(parse_axis(design, text, change_type) for text in texts), change_type)


SPACE = space("conv1.filters=*0.75,1:300", "conv2.kernel_size=5,99", "fc*.units=1000000000,2,3,4,5,6,7,8")
CHUNKS = list(chunks(SPACE))


def written(path: Path, found: list[Chunk], of: Space = SPACE) -> Journal:
    """A journal with some chunks."""
    journal = Journal(path, of)
    list(journal.chunks())
    with journal:
        for chunk in found:
            journal.add(chunk)
    return journal


def test_chunks_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, CHUNKS)
    assert list(Journal(path, SPACE).chunks()) == CHUNKS


def test_it_grows_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, CHUNKS[:1])
    written(path, CHUNKS[1:])
    assert list(Journal(path, SPACE).chunks()) == CHUNKS


@pytest.mark.parametrize("part", [1, 10, 400])
def test_a_line_that_was_cut_short_is_dropped(tmp_path: Path, part: int) -> None:
    path = tmp_path / "journal"
    written(path, CHUNKS[:2])
    path.write_bytes(path.read_bytes()[:-part])
    assert list(Journal(path, SPACE).chunks()) == CHUNKS[:1]
    written(path, CHUNKS[1:])
    assert list(Journal(path, SPACE).chunks()) == CHUNKS


@pytest.mark.parametrize(
    "other",
    [
        space("conv1.filters=1:300"),
        structs.replace(SPACE, sample=Sample(5)),
        structs.replace(SPACE, design=structs.replace(SPACE.design, element_type="float16")),
    ],
)
def test_the_journal_of_another_sweep_is_refused_and_stays(tmp_path: Path, other: Space) -> None:
    path = tmp_path / "journal"
    written(path, CHUNKS)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="journal' is in the place of the journal and is not that of this sweep"):
        Journal(path, other)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"\n", b"{}\n", b"[1]\n{}\n", b"variant,macs\n1,2\n", bytes(range(256))])
def test_any_other_file_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="rename or delete it, or write the rows to another file"):
        Journal(path, SPACE)
    assert path.read_bytes() == content


@pytest.mark.parametrize("length", [0, 1, 20])
def test_a_head_that_was_cut_short_is_begun_anew(tmp_path: Path, length: int) -> None:
    path = tmp_path / "journal"
    with Journal(path, SPACE):
        pass
    path.write_bytes(path.read_bytes()[:length])
    written(path, CHUNKS[:1])
    assert list(Journal(path, SPACE).chunks()) == CHUNKS[:1]


@pytest.mark.parametrize("line", [b"{}\n", b"[]\n", b'{"first": 0}\n', b"nonsense\n"])
def test_a_strange_line_ends_it(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "journal"
    written(path, CHUNKS[:1])
    with path.open("ab") as file:
        file.write(line)
    assert list(Journal(path, SPACE).chunks()) == CHUNKS[:1]
