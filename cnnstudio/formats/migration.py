"""The versions of the file format, and how a file of an earlier one becomes one of the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the top mapping of a file, without its version, and returns it as the next version has it.

It may change what it is given, or build it anew; items that it passes on keep their lines in the file.
"""

MIGRATIONS: tuple[Migration, ...] = ()
"""The step from version 1 to 2, from 2 to 3, and so on. Version 1 is the first, and so far the only one."""

FORMAT_VERSION = len(MIGRATIONS) + 1
