"""The functions that are no operators, by name; tensors have them as methods too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cnnstudio.formats.source.torch.trace import Trace

TensorFunction = Callable[[Trace, list[Any], dict[str, Any]], Any]


class Binder:
    """Holds them; filled where they are written."""

    table: ClassVar[dict[str, TensorFunction]] = {}

    @classmethod
    def functions(cls, name: str) -> TensorFunction | None:
        """The function of this name, None if there is none."""
        return cls.table.get(name)
