"""Draws the program's icon in every size that desktops ask for, and as the icon files of Windows and macOS.

`python packaging/icons.py FOLDER`, in the project's environment.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

ROOT: Final = Path(__file__).resolve().parent.parent
DRAWING: Final = ROOT / "resources" / "icons" / "cnnstudio.svg"
SIZES: Final = (16, 22, 24, 32, 48, 64, 96, 128, 256, 512)
WINDOWS_SIZES: Final = (16, 24, 32, 48, 64, 128, 256)
MACOS_TYPES: Final = {b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512}


def png(size: int) -> bytes:
    """The icon as a PNG of that many pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(DRAWING)).render(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(content.data())


def windows_icon() -> bytes:
    """An .ico file: a header, an entry for each size (256 is written as 0), and the PNGs."""
    pictures = [(size, png(size)) for size in WINDOWS_SIZES]
    entries, offset = b"", 6 + 16 * len(pictures)
    for size, picture in pictures:
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(picture for _, picture in pictures)


def macos_icon() -> bytes:
    """An .icns file: each PNG after its type and its length, which counts these eight bytes."""
    pictures = [(kind, png(size)) for kind, size in MACOS_TYPES.items()]
    body = b"".join(kind + struct.pack(">I", 8 + len(picture)) + picture for kind, picture in pictures)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write(folder: Path) -> None:
    """The folder `hicolor` as desktops lay it out, cnnstudio.ico and cnnstudio.icns."""
    for size in SIZES:
        place = folder / "hicolor" / f"{size}x{size}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        (place / "cnnstudio.png").write_bytes(png(size))
    scalable = folder / "hicolor" / "scalable" / "apps"
    scalable.mkdir(parents=True, exist_ok=True)
    (scalable / "cnnstudio.svg").write_bytes(DRAWING.read_bytes())
    (folder / "cnnstudio.ico").write_bytes(windows_icon())
    (folder / "cnnstudio.icns").write_bytes(macos_icon())


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication(sys.argv[:1])
    write(Path(sys.argv[1]))
