"""Proof by the framework: exported code runs in an interpreter that has it, and every row is compared.

`verify` exports, runs and compares. The studio itself never imports a framework, and what runs is its own export.
"""

from __future__ import annotations

from cnnstudio.verification.checking import FRAMEWORKS, verify
from cnnstudio.verification.process import DEFAULT_LIMIT, VerifyError
from cnnstudio.verification.verdict import Difference, Verdict

__all__ = ["DEFAULT_LIMIT", "FRAMEWORKS", "Difference", "Verdict", "VerifyError", "verify"]
