"""Short networks as people write them, and how a test reads one."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from cnnstudio.core.counting.analysis import Analysis, analyze
from cnnstudio.formats import read_file
from cnnstudio.formats.format import ReadOptions
from cnnstudio.formats.import_report import ImportedNetwork

LENET = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Net(nn.Module):
        def __init__(self, num_classes=10):
            super().__init__()
            self.conv1 = nn.Conv2d(3, 6, 5)
            self.pool = nn.MaxPool2d(2, 2)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(16 * 5 * 5, 120)
            self.fc2 = nn.Linear(120, num_classes)

        def forward(self, x):
            x = self.pool(F.relu(self.conv1(x)))
            x = self.pool(F.relu(self.conv2(x)))
            x = x.view(-1, 16 * 5 * 5)
            return self.fc2(F.relu(self.fc1(x)))
    """
"""Parameters: 456 + 2,416 + 48,120 + 1,210."""
LENET_PARAMETERS = 456 + 2_416 + 48_120 + 1_210


def read(text: str, folder: Path, name: str = "net.py", **options: Any) -> tuple[Analysis, ImportedNetwork]:
    """The design of a text, counted, and the report of its import."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    file = read_file(path, ReadOptions(**options))
    assert file.report is not None
    return analyze(file.design), file.report.networks[0]
