"""Qt runs without a screen here, whatever the machine has; tests that need one start their own."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
