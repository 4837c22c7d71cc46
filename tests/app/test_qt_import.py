"""PySide6 imported without what it does for features that are not used."""

from __future__ import annotations

from tests.fresh_python import printed_by

START = "import linecache, sys\nfrom cnnstudio.app.qt_import import import_qt\nimport_qt()\n"


def test_no_source_is_read_of_what_is_imported_later() -> None:
    script = (
        "from PySide6.QtWidgets import QWidget\n"
        "import cnnstudio.app.main_window, cnnstudio.core.edits\n"
        "print(*(name for name in linecache.cache if 'cnnstudio' in name))\n"
    )
    assert printed_by(START + script) == [""]


def test_pyside_still_tells_what_it_was_given_wrongly() -> None:
    """That is what its patterns are for."""
    script = (
        "from PySide6.QtCore import QRect\n"
        "try: QRect().setWidth('wide')\n"
        "except TypeError as error: print('setWidth' in str(error) and 'int' in str(error))\n"
        "from PySide6.support.signature import get_signature\n"
        "print(get_signature(QRect.setWidth))\n"
    )
    assert printed_by(START + script) == ["True", "(self, w: int, /) -> None"]


def test_star_imports_of_qt_find_every_class() -> None:
    script = (
        "from PySide6.QtWidgets import *\nprint(QDial.__name__, len([one for one in dir() if one[0] == 'Q']) > 150)\n"
    )
    assert printed_by(START + script) == ["QDial True"]


def test_it_may_be_called_again() -> None:
    assert printed_by(START + "import_qt()\nimport json\nprint(json.dumps([]))\n") == ["[]"]
