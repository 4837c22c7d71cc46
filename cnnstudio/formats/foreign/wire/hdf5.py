"""HDF5, as far as model files use it: the attributes of the root group, and name and shape of every data set.

File format specification 3.0 (The HDF Group): superblocks 0 to 3, object headers 1 and 2, old and compact new groups,
attributes with fixed and variable strings. Chunks, filters and the data themselves are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.wire.buffers import Buffer

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_OBJECTS = 100_000
MAX_DEPTH = 64
MAX_TEXT_BYTES = 64_000_000
_UNDEFINED = (1 << 64) - 1
_STRING, _VARIABLE = 3, 9


class DataSet(Struct, frozen=True):
    """A data set: the names that lead to it, its shape, and whether it holds floating-point numbers."""

    path: tuple[str, ...]
    shape: tuple[int, ...]
    is_float: bool


class _Datatype(Struct, frozen=True):
    kind: int
    size: int
    is_text: bool


class Hdf5File:
    """The structure of one file."""

    def __init__(self, data: Buffer) -> None:
        self.data = data
        if bytes(data[:8]) != SIGNATURE:
            raise NotUnderstood("is not an HDF5 file.")
        version = data[8]
        if version > 3:
            raise NotUnderstood(f"is an HDF5 file of the unknown version {version}.")
        # Offsets are as wide as the file says, 8 bytes in nearly all; versions 2 and 3 state them four bytes earlier.
        sizes = (data[13], data[14]) if version < 2 else (data[9], data[10])
        if any(size not in (2, 4, 8) for size in sizes):
            raise ValueError(f"HDF5 offsets of {sizes[0]} and lengths of {sizes[1]} bytes")
        self.offset_size, self.length_size = sizes
        if version < 2:
            # Version 1 has four bytes more, for the B-trees of chunks. Four addresses follow, and then the root's
            # symbol entry, which begins with the offset of its name.
            entry = (24 if version == 0 else 28) + 4 * self.offset_size
            self.root = self._offset(entry + self.offset_size)
        else:
            self.root = self._offset(12 + 3 * self.offset_size)
        self.objects = 0

    def attributes(self) -> dict[str, str]:
        """The attributes of the root group that are one text."""
        result: dict[str, str] = {}
        for kind, start, size in self._messages(self.root):
            if kind == 0x0C:
                name, value = self._attribute(start, size)
                if value is not None:
                    result[name] = value
        return result

    def data_sets(self) -> Iterator[DataSet]:
        """Every data set below the root, in the order of the file."""
        yield from self._walk(self.root, (), frozenset())

    def _walk(self, address: int, path: tuple[str, ...], above: frozenset[int]) -> Iterator[DataSet]:
        self.objects += 1
        # Links of a crafted file may lead back to a group above, or fan out without end.
        if self.objects > MAX_OBJECTS or len(path) > MAX_DEPTH or address in above:
            raise ValueError("groups without end")
        shape: tuple[int, ...] | None = None
        datatype: _Datatype | None = None
        links: list[tuple[str, int]] = []
        for kind, start, size in self._messages(address):
            if kind == 0x01:
                shape = self._dataspace(start)
            elif kind == 0x03:
                datatype = self._datatype(start)
            elif kind == 0x06:
                links.append(self._link(start))
            elif kind == 0x11:
                links.extend(self._symbols(self._offset(start), self._offset(start + self.offset_size)))
            elif kind == 0x02 and self._is_dense(start, size):
                raise NotUnderstood("stores its groups in a way of HDF5 that Keras does not use; save it as .keras.")
        if datatype is not None and shape is not None:
            yield DataSet(path, shape, datatype.kind == 1)
        for name, child in links:
            if child != _UNDEFINED:
                yield from self._walk(child, (*path, name), above | {address})

    # Numbers

    def _number(self, at: int, size: int) -> int:
        part = self.data[at : at + size]
        if at < 0 or len(part) != size:
            raise EOFError(f"the file ends before byte {at + size}")
        return int.from_bytes(part, "little")

    def _offset(self, at: int) -> int:
        value = self._number(at, self.offset_size)
        # All bits set stands for no address, at whatever width this file has.
        return _UNDEFINED if value == (1 << 8 * self.offset_size) - 1 else value

    def _length(self, at: int) -> int:
        return self._number(at, self.length_size)

    # Object headers

    def _messages(self, address: int) -> Iterator[tuple[int, int, int]]:
        """Kind, start and size of each message of an object."""
        if bytes(self.data[address : address + 4]) == b"OHDR":
            yield from self._messages_of_new(address)
            return
        if self._number(address, 1) != 1:
            raise ValueError(f"no HDF5 object at byte {address}")
        # The prefix of version 1 has 12 bytes and is padded to 16.
        yield from self._blocks(address + 16, self._number(address + 8, 4), 8, 0)

    def _messages_of_new(self, address: int) -> Iterator[tuple[int, int, int]]:
        flags = self._number(address + 5, 1)
        # Four times of 4 bytes each and two limits of attributes stand here only where the flags say so.
        at = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        # With the creation order of messages tracked, two more bytes.
        header = 6 if flags & 4 else 4
        yield from self._blocks(at + width, self._number(at, width), header, 4)

    def _blocks(self, start: int, size: int, header: int, checksum: int) -> Iterator[tuple[int, int, int]]:
        """The messages of a block and of those that continue it; a new block begins with OCHK and ends in a sum."""
        blocks, seen = [(start, size)], 0
        while blocks:
            at, length = blocks.pop(0)
            stop = min(at + length, len(self.data))
            seen += 1
            if seen > 1000:
                raise ValueError("an HDF5 object without end")
            while at + header <= stop:
                kind = self._number(at, 2 if header == 8 else 1)
                body = self._number(at + (2 if header == 8 else 1), 2)
                at += header
                if at + body > stop:
                    raise ValueError(f"an HDF5 message that ends after its block, at byte {at}")
                if kind == 0x10:
                    place, more = self._offset(at), self._length(at + self.offset_size)
                    # Later blocks of version 2 have the signature OCHK before and a checksum after their messages.
                    blocks.append((place, more) if header == 8 else (place + 4, more - 4 - checksum))
                yield kind, at, body
                at += body

    def _dataspace(self, at: int) -> tuple[int, ...]:
        version, rank = self._number(at, 1), self._number(at + 1, 1)
        start = at + (8 if version == 1 else 4)
        if rank > 32:
            raise ValueError(f"an HDF5 data set of {rank} axes")
        return tuple(self._length(start + i * self.length_size) for i in range(rank))

    def _datatype(self, at: int) -> _Datatype:
        kind, size = self._number(at, 1) & 0x0F, self._number(at + 4, 4)
        is_text = kind == _STRING or (kind == _VARIABLE and self._number(at + 1, 1) & 0x0F == 1)
        return _Datatype(kind, size, is_text)

    def _attribute(self, at: int, size: int) -> tuple[str, str | None]:
        """The name, and the value if it is one text."""
        version = self._number(at, 1)
        name_size, type_size, space_size = (self._number(at + place, 2) for place in (2, 4, 6))
        start = at + (9 if version == 3 else 8)
        # Only version 1 of the attribute message pads its three parts to multiples of 8.
        pad = 8 if version == 1 else 1
        name = bytes(self.data[start : start + name_size]).split(b"\0")[0].decode("utf-8", "replace")
        start += -(-name_size // pad) * pad
        datatype = self._datatype(start)
        start += -(-type_size // pad) * pad
        shape = self._dataspace(start)
        start += -(-space_size // pad) * pad
        # A list of texts, such as the names of layers, is not wanted: `model_config` is one text.
        if not datatype.is_text or shape not in ((), (1,)):
            return name, None
        if datatype.kind == _VARIABLE:
            return name, self._heap_text(start)
        return name, bytes(self.data[start : start + datatype.size]).rstrip(b"\0").decode("utf-8", "replace")

    def _heap_text(self, at: int) -> str:
        """A variable string: its length, and where it lies in which global heap."""
        # Texts of variable length lie in a global heap, apart from the object. Keras writes `model_config` as one, of
        # any length.
        length, address, wanted = (
            self._number(at, 4),
            self._offset(at + 4),
            self._number(at + 4 + self.offset_size, 4),
        )
        if length > MAX_TEXT_BYTES or bytes(self.data[address : address + 4]) != b"GCOL":
            raise ValueError(f"no text of HDF5 at byte {address}")
        stop = address + self._length(address + 8)
        place = address + 8 + self.length_size
        while place + 8 + self.length_size <= stop:
            index, size = self._number(place, 2), self._length(place + 8)
            place += 8 + self.length_size
            if index == wanted:
                return bytes(self.data[place : place + length]).decode("utf-8", "replace")
            # Index 0 is the free space at the end of a heap.
            if not index:
                break
            # Objects in a heap are padded to multiples of 8.
            place += -(-size // 8) * 8
        raise ValueError(f"a text of HDF5 that is not there, at byte {address}")

    # Groups

    def _link(self, at: int) -> tuple[str, int]:
        """Name and address of a link of a new group; undefined if it does not lead to an object of this file."""
        flags = self._number(at + 1, 1)
        start = at + 2
        kind = self._number(start, 1) if flags & 8 else 0
        start += (1 if flags & 8 else 0) + (8 if flags & 4 else 0) + (1 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        length = self._number(start, width)
        start += width
        name = bytes(self.data[start : start + length]).decode("utf-8", "replace")
        return name, self._offset(start + length) if kind == 0 else _UNDEFINED

    def _is_dense(self, at: int, size: int) -> bool:
        start = at + 2 + (8 if self._number(at + 1, 1) & 1 else 0)
        return start + self.offset_size <= at + size and self._offset(start) != _UNDEFINED

    def _symbols(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """Names and addresses in an old group: a B-tree of symbol nodes, the names in a heap."""
        names = self._offset(heap + 8 + 2 * self.length_size)
        nodes, seen = [tree], 0
        while nodes:
            node = nodes.pop(0)
            seen += 1
            if seen > MAX_OBJECTS:
                raise ValueError("a group of HDF5 without end")
            signature = bytes(self.data[node : node + 4])
            if signature == b"TREE":
                first = node + 8 + 2 * self.offset_size + self.length_size
                step = self.offset_size + self.length_size
                # Keys and children take turns, and the children before all else, so that names come in the order of the
                # file.
                nodes[:0] = [self._offset(first + i * step) for i in range(self._number(node + 6, 2))]
            elif signature == b"SNOD":
                width = 2 * self.offset_size + 24
                for i in range(self._number(node + 6, 2)):
                    entry = node + 8 + i * width
                    yield self._text(names + self._offset(entry)), self._offset(entry + self.offset_size)
            else:
                raise ValueError(f"no group of HDF5 at byte {node}")

    def _text(self, at: int) -> str:
        # A name without its end would otherwise run through the rest of a file of gigabytes.
        part = bytes(self.data[at : at + 1024])
        return part.split(b"\0")[0].decode("utf-8", "replace")
