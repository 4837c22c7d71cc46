"""The subjects of reports."""

from __future__ import annotations

from cnnstudio.app.document.document import Document
from cnnstudio.app.document.view_state import ViewState
from cnnstudio.app.reports.choice import ReportChoice
from cnnstudio.app.reports.subjects import DesignSubject
from cnnstudio.core.budgets.editing import set_budgets
from cnnstudio.formats.builtin import open_design
from cnnstudio.reports.form_table import FORMS


def test_a_report_by_another_convention_tells_of_broken_budgets_too() -> None:
    document = Document(open_design("lenet-5-modern"))
    document.apply(set_budgets(document.design, ("parameters <= 50k",)))
    subject = DesignSubject(document, ViewState(document))
    for convention in ("", "keras"):
        choice = ReportChoice(form="txt", parts=("problems",), convention=convention)
        assert b"the budget parameters <= 50k is broken" in FORMS["txt"].render(subject.composer(choice)())
