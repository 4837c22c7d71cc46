"""The problems of a design as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.app.appearance.tips import plain_tip
from cnnstudio.app.rows.steps import Step, difference
from cnnstudio.core.network.problem import Problem, Severity

PROBLEM_ROLE: Final = int(Qt.ItemDataRole.UserRole)
SEVERITY_ROLE: Final = PROBLEM_ROLE + 1
"""The severity, in a word."""
SEVERITIES_ROLE: Final = PROBLEM_ROLE + 2
"""All the words for it, so that a column can be as wide as the longest."""
Key = tuple[str, str, int]
Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()


def keys_of(problems: Iterable[Problem]) -> list[Key]:
    """The identity of each problem across edits: its place, its rule, and which of those alike it is."""
    alike: Counter[tuple[str, str]] = Counter()
    keys: list[Key] = []
    for problem in problems:
        # A design may break two budgets, and a layer name two inputs that there are not.
        same = problem.path, problem.rule
        keys.append((*same, alike[same]))
        alike[same] += 1
    return keys


class ProblemListModel(QAbstractListModel):
    """One row a problem. Rows that stay keep their place in the view."""

    def __init__(self, problems: tuple[Problem, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems = list(problems)
        self._words: dict[Severity, str] = {"error": self.tr("Error"), "warning": self.tr("Warning")}

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._problems)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        problem = self._problems[index.row()]
        if role == PROBLEM_ROLE:
            return problem
        if role == SEVERITY_ROLE:
            return self._words[problem.severity]
        if role == SEVERITIES_ROLE:
            return tuple(self._words.values())
        return self._text(problem, role)

    def _text(self, problem: Problem, role: int) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return str(problem)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{problem.sentence}\n{problem.remedy}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._words[problem.severity]}: {problem}"
        return None

    def problem_at(self, row: int) -> Problem:
        """The problem of a row."""
        return self._problems[row]

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        """Goes over to other problems in few steps."""
        for step in difference(keys_of(self._problems), keys_of(problems)):
            self._do(step, problems)
        for row, problem in enumerate(problems):
            if self._problems[row] != problem:
                self._problems[row] = problem
                self.dataChanged.emit(self.index(row), self.index(row))

    def _do(self, step: Step, problems: tuple[Problem, ...]) -> None:
        first, last = step.first, step.last
        if step.kind == "remove":
            self.beginRemoveRows(_NOWHERE, first, last)
            del self._problems[first : last + 1]
            self.endRemoveRows()
        elif step.kind == "insert":
            self.beginInsertRows(_NOWHERE, first, last)
            self._problems[first:first] = problems[first : last + 1]
            self.endInsertRows()
        elif step.kind == "move":
            self.beginMoveRows(_NOWHERE, first, last, _NOWHERE, step.target)
            moved = self._problems[first : last + 1]
            del self._problems[first : last + 1]
            at = step.target - len(moved) if step.target > last else step.target
            self._problems[at:at] = moved
            self.endMoveRows()
        else:
            self.beginRemoveRows(_NOWHERE, first, first)
            del self._problems[first]
            self.endRemoveRows()
            self.beginInsertRows(_NOWHERE, first, first)
            self._problems.insert(first, problems[first])
            self.endInsertRows()
