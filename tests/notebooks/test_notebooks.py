"""Every notebook runs from its first cell to its last, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_it_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONPATH", str(path.parents[1]))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    if path.stem == "batch_size":
        assert_prediction(notebook.cells[-1].outputs[0].text)


def assert_prediction(text: str) -> None:
    """All terms are within four standard errors and a tenth; the paper's form is not."""
    rows = [line.split() for line in text.splitlines()]
    measured, error = float(rows[0][1]), float(rows[0][3])
    everything, paper = float(rows[1][-1]), float(rows[2][-1])
    tolerance = 4 * error + abs(measured) / 10  # what is left over is of order 1/M, a few per cent
    assert abs(everything - measured) < tolerance < abs(paper - measured)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_it_is_kept_without_outputs(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
