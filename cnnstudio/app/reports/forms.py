"""Every form of a report, PDF among them. Qt is loaded when a PDF is made, and not before."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cnnstudio.app.platform.lazy_qt import import_qt
from cnnstudio.formats.saving.output import write_output
from cnnstudio.reports import form_table as forms
from cnnstudio.reports.content.manuscript import Manuscript
from cnnstudio.reports.form_table import ReportError, ReportFormat, form_named


def _pdf(manuscript: Manuscript) -> bytes:
    try:
        import_qt()
        from cnnstudio.app.platform.sound_qt import this_pair
        from cnnstudio.app.reports.pdf import pdf_bytes
    except ImportError as error:
        raise ReportError(f"a PDF needs Qt, which does not load here: {error}.") from None
    if refusal := this_pair():
        raise ReportError(refusal)
    return pdf_bytes(manuscript)


FORMS: Final[dict[str, ReportFormat]] = {
    "html": forms.FORMS["html"],
    "pdf": ReportFormat("pdf", "PDF", "application/pdf", _pdf),
    **forms.FORMS,
}
"""All forms by suffix, in the order in which they are offered."""


def render(manuscript: Manuscript, key: str) -> bytes:
    """The manuscript in a form; ReportError if there is no such form, ValueError if there is too much to be listed."""
    return form_named(key, FORMS).render(manuscript)


def save_report(content: bytes, path: Path) -> None:
    """Writes a finished report; ReportError, with the old file whole and none half written, if that fails."""
    try:
        write_output(path, content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ReportError(f"{path} cannot be written: {reason}.") from None
