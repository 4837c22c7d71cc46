"""PySide6 imported without what it does for those who are not there yet, and which does it when they come."""

from __future__ import annotations

from tests.fresh_python import printed_by

START = "import linecache, sys\nfrom cnnstudio.app.platform.lazy_qt import RUN_LATER, import_qt\nimport_qt()\n"
WAITING = "print(len([name for name in RUN_LATER if '__getattr__' in vars(sys.modules[name])]) == len(RUN_LATER))\n"


def test_no_source_is_read_of_what_is_imported_later() -> None:
    script = (
        "from PySide6.QtWidgets import QWidget\n"
        "import cnnstudio.app.window.main_window, cnnstudio.core.edits\n"
        "print(*(name for name in linecache.cache if 'cnnstudio' in name))\n"
    )
    assert printed_by(START + script) == [""]


def test_no_signature_is_looked_for_while_a_window_opens() -> None:
    script = (
        "from cnnstudio.app.application import Document, MainWindow, Settings, Theme, make_application\n"
        "from cnnstudio.formats.builtin import open_design\n"
        "app = make_application(['studio'])\n"
        "window = MainWindow(Document(open_design('alexnet')), Settings(None), Theme())\n"
        "print(window.grab().width() > 600)\n"
    )
    assert printed_by(START + script + WAITING) == ["True", "True"]


def test_pyside_still_tells_what_it_was_given_wrongly() -> None:
    wrong = (
        "from PySide6.QtCore import QRect\n"
        "try: QRect().setWidth('wide')\n"
        "except TypeError as error: print(str(error).splitlines()[-1].strip())\n"
    )
    assert printed_by(START + WAITING + wrong) == ["True", "PySide6.QtCore.QRect.setWidth(w: int, /)"]


def test_pyside_still_tells_of_its_functions() -> None:
    start = START + "from PySide6.QtCore import QRect\n"
    signature = "from PySide6.support.signature import get_signature\nprint(get_signature(QRect.setWidth))\n"
    assert printed_by(start + signature) == ["(self, w: int, /) -> None"]
    stubs = (
        "from PySide6.support.signature.lib import pyi_generator\n"
        "from shibokensupport.signature.lib.enum_sig import HintingEnumerator\n"
        "print(pyi_generator.find_module.__module__, pyi_generator.HintingEnumerator is HintingEnumerator)\n"
    )
    assert printed_by(start + stubs) == ["shibokensupport.signature.lib.pyi_generator True"]


def test_several_threads_may_want_signatures_at_once() -> None:
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from PySide6.QtCore import QRect\n"
        "from PySide6.support.signature import get_signature\n"
        "sys.setswitchinterval(1e-6)\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    told = pool.map(get_signature, [QRect.setWidth] * 64)\n"
        "print(*{str(one) for one in told})\n"
    )
    assert printed_by(START + WAITING + script) == ["True", "(self, w: int, /) -> None"]


def test_star_imports_of_qt_find_every_class() -> None:
    script = (
        "from PySide6.QtWidgets import *\nprint(QDial.__name__, len([one for one in dir() if one[0] == 'Q']) > 150)\n"
    )
    assert printed_by(START + script) == ["QDial True"]


def test_it_may_be_called_again() -> None:
    assert printed_by(START + "import_qt()\nimport json\nprint(json.dumps([]))\n") == ["[]"]
