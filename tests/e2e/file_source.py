"""A small window of another program, from which a file, or the text in it, can be dragged; prints where to take it."""

from __future__ import annotations

import html
import json
import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class FileSource(QLabel):
    """A label that is a file. It offers to copy and to move, and deletes the file if it is told that it was moved."""

    def __init__(self, name: str, *, is_text: bool) -> None:
        super().__init__("drag me")
        self._name = name
        self._is_text = is_text
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            drag = QDrag(self)
            mime = QMimeData()
            if self._is_text:
                # As a browser drags what is marked: as text and as a page.
                text = Path(self._name).read_text(encoding="utf-8")
                mime.setText(text)
                mime.setHtml(f"<pre>{html.escape(text)}</pre>")
            else:
                mime.setUrls([QUrl.fromLocalFile(self._name)])
            drag.setMimeData(mime)
            done = drag.exec(Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, Qt.DropAction.MoveAction)
            print(json.dumps(done.name), flush=True)


def main(name: str, *, is_text: bool) -> int:
    """Shows the file at the lower right of the screen."""
    application = QApplication(sys.argv[:1])
    source = FileSource(name, is_text=is_text)
    room = source.screen().availableGeometry()
    source.setGeometry(room.right() - 90, room.bottom() - 34, 80, 30)
    source.show()
    application.processEvents()
    middle = source.mapToGlobal(source.rect().center())
    print(json.dumps([middle.x(), middle.y(), 30]), flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], is_text="--text" in sys.argv))
