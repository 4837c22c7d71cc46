"""Zip archives: small members read under a cap, large ones looked at where they lie, nothing unpacked to a disk."""

from __future__ import annotations

import zipfile
from pathlib import Path

from cnnstudio.formats.foreign.refusals import NotUnderstood
from cnnstudio.formats.foreign.wire.buffers import Buffer

MAX_MEMBER_BYTES = 64_000_000
MAX_MEMBERS = 200_000
_LOCAL_HEADER_BYTES = 30
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
"""The flag of a member that needs a password, for which Python raises a plain RuntimeError."""


class Archive:
    """The members of one archive by name; `content` is the file, mapped."""

    def __init__(self, path: Path, content: Buffer) -> None:
        self.content = content
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise NotUnderstood(f"is a zip archive of {len(infos):,} members, and so many are not read.")
        self.members = {info.filename: info for info in infos}
        self.path = path

    def read(self, name: str) -> bytes:
        """A small member; KeyError if there is none, NotUnderstood if it is too large or packed in a way of its own."""
        info = self.members[name]
        if info.file_size > MAX_MEMBER_BYTES:
            raise NotUnderstood(f"holds '{name}' of {info.file_size / 1e6:,.0f} MB, and at most 64 MB of it are read.")
        if info.flag_bits & _ENCRYPTED:
            raise NotUnderstood(f"holds '{name}' under a password; save it without one.")
        if info.compress_type not in _PACKINGS:
            raise NotUnderstood(f"holds '{name}' packed otherwise than zip archives usually are; pack it anew.")
        # The size that the archive states may be false, as in a zip bomb, so that reading is bounded by itself.
        with zipfile.ZipFile(self.path) as archive, archive.open(info) as member:
            content = member.read(MAX_MEMBER_BYTES + 1)
        if len(content) > MAX_MEMBER_BYTES:
            raise NotUnderstood(f"holds '{name}', which grows beyond 64 MB.")
        return content

    def view(self, name: str) -> Buffer | None:
        """A member where it lies in the file; None if it is compressed and too large to be expanded.

        Raises ValueError if it is not where it should be, and EOFError if the archive ends within it.
        """
        info = self.members[name]
        # PyTorch and Keras store weights uncompressed, and only such members can be looked at where they lie.
        if info.compress_type != zipfile.ZIP_STORED:
            return memoryview(self.read(name)) if info.file_size <= MAX_MEMBER_BYTES else None
        header = self.content[info.header_offset : info.header_offset + _LOCAL_HEADER_BYTES]
        if bytes(header[:4]) != b"PK\x03\x04":
            raise ValueError(f"no member of a zip archive at byte {info.header_offset}")
        # From the local header: its extra field may have another length than that of the directory, as PyTorch pads its
        # members to aligned places.
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = info.header_offset + _LOCAL_HEADER_BYTES + names
        part = self.content[start : start + info.file_size]
        if len(part) != info.file_size:
            raise EOFError(f"the archive ends within '{name}'")
        return part
