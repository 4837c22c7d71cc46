"""The opening of reports, which costs nothing to those who want none."""

from __future__ import annotations

import subprocess
import sys

from cnnstudio.app.platform.settings import Settings
from cnnstudio.app.reports.choice import ReportChoice
from cnnstudio.app.reports.opening import remembered_choice

LOADED = """
import sys
import cnnstudio.app.application
wanted = (
    "cnnstudio.reports.content.composition",
    "cnnstudio.app.reports.choice",
    "cnnstudio.core.comparison.comparison",
    "jinja2",
)
print([name for name in wanted if name in sys.modules])
"""


def test_the_window_starts_without_what_makes_reports() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_choice_is_remembered(settings: Settings) -> None:
    usual = remembered_choice(settings)
    assert usual == ReportChoice(paper=usual.paper)
    settings.report_choice = ReportChoice(paper="letter", form="md").to_text()
    assert remembered_choice(settings) == ReportChoice(paper="letter", form="md")
