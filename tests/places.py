"""Places in the checkout that tests read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
TRUTH: Final = ROOT / "tests" / "truth"
FILES: Final = ROOT / "tests" / "files"
GOLDENS: Final = ROOT / "tests" / "goldens"
CASES: Final = FILES / "cases"
"""Small designs that once were counted, or spoken of, wrongly; their first comment says what is right."""
