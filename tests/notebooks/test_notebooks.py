"""Every notebook runs from its first cell to its last, shows what it says, has no outputs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import answers
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from scipy.special import erf

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_runs_and_shows(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that is put after the last one says what came of it."""
    asked, check = CHECKS[path.stem]
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHONPATH", str(path.parents[1]))
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({asked}))"))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    *cells, last = (cell for cell in notebook.cells if cell.cell_type == "code")
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [o.text for o in outputs if o.get("name") == "stderr" and "Warning" in o.text]
    texts = "".join(output.get("text", "") for output in outputs)
    check(json.loads(last.outputs[0].text), texts)


def batch_size(found: dict[str, Any], text: str) -> None:
    """All terms are within four standard errors and a tenth; the paper's form is not."""
    measured, everything, paper = found["measured"], found["everything"], found["paper"]
    # what is left over is of order 1/M, a few per cent
    tolerance = 4 * found["error"] + abs(measured) / 10
    assert abs(everything - measured) < tolerance < abs(paper - measured)


def prop4(found: dict[str, Any], text: str) -> None:
    assert found["gain"] == "4*zeta"
    rows = zip(
        found["zetas"], found["printed"], found["equality"], found["complete"], found["measured"],
        strict=True,
    )  # fmt: skip
    for zeta, printed, equality, complete, measured in rows:
        kept, neglected = answers.largest_rates(0.0, zeta)
        assert printed == pytest.approx(2 + 2 * zeta)
        assert equality == pytest.approx(neglected, rel=1e-4)
        assert complete == pytest.approx(kept, rel=1e-4)
        assert measured == pytest.approx(kept, rel=0.03)


def own_activation(found: dict[str, Any], text: str) -> None:
    for slope, name in ((0.2, "leaky"), (2.0, "steeper")):
        _, decayed = answers.largest_rates(slope, 0.25)
        _, plain = answers.largest_rates(slope, 0.0)
        assert found[name] == pytest.approx(decayed - plain, rel=1e-4)
    assert found["leaky"] > 0.5 > found["steeper"]  # 2 zeta
    tanh = answers.smooth_averages(np.tanh, lambda u: 1 / np.cosh(u) ** 2, 0.8, 0.6)
    assert found["tanh"] == pytest.approx(tanh, abs=1e-8)

    def slope_of_x_erf(u: np.ndarray) -> np.ndarray:
        return np.asarray(erf(u) + 2 * u * np.exp(-u * u) / math.sqrt(math.pi))

    smooth = answers.smooth_averages(lambda u: u * erf(u), slope_of_x_erf, 0.8, 0.6)
    assert found["closed"] == pytest.approx(smooth[0], abs=1e-8)
    for name, theory in found["theory"].items():
        trained, error = found["trained"][name], found["error"][name]
        assert np.abs(np.subtract(theory, trained)).max() < 4 * max(error) + 2 / 300


def figure1(found: dict[str, Any], text: str) -> None:
    loads, N, S, M = found["loads"], found["N"], found["S"], found["M"]
    early, late, last = np.transpose(found["bn"])
    for k, load in enumerate(loads):
        plain, error = answers.regression(load, 0.0, N, S, 60)
        assert found["sgd"][k] == pytest.approx(plain, abs=6 * error + 0.03)
        assert early[k] < found["ridge"][k]  # and goes up from there
        assert early[k] < late[k] < last[k] + 0.01 < plain + 0.05
    at = loads.index(1.5)  # where it matters most
    ridge, error = answers.regression(1.5, 1 / (2 * M), 512, S, 40)
    assert found["ridge"][at] == pytest.approx(ridge, abs=4 * error)
    for printed, symmetric, trained in np.transpose(found["relu"]):
        assert trained < symmetric < printed


def another_paper(found: dict[str, Any], text: str) -> None:
    for eta, end, trained, error in zip(
        found["etas"], found["ends"], found["trained"], found["error"], strict=True
    ):
        assert end == pytest.approx(answers.rate_at_the_end(eta, 0.0), rel=1e-6)
        # eta/N is how far a first step goes
        assert trained == pytest.approx(end, abs=5 * error + eta / found["N"])
    assert found["length"] == ["wn-length", "Salimans and Kingma 2016, Sec. 2.1", True, True]
    assert found["measured"] == ["confirmed"] * 2
    assert "holds                 1  wn-length" in text


#: By notebook, what it is asked at its end, and what is made of the answer.
CHECKS: dict[str, tuple[str, Callable[[dict[str, Any], str], None]]] = {
    "batch_size": (
        "dict(measured=measured, error=error, everything=float(decay.loss_increase.zeta_own_batch),"
        " paper=float(decay.loss_increase.zeta))",
        batch_size,
    ),
    "prop4": (
        "dict(gain=str(found['gain']), zetas=list(zetas), printed=list(printed),"
        " equality=list(equality), complete=complete, measured=list(measured))",
        prop4,
    ),
    "own_activation": (
        "dict(leaky=float(leaky['gain'].subs(SYMBOLS['zeta'], 0.25)),"
        " steeper=float(steeper['gain'].subs(SYMBOLS['zeta'], 0.25)),"
        " closed=float(derived['I1'].subs(here)), tanh=[float(i.value) for i in tanh],"
        " theory={n: [float(theory[n][q][-1]) for q in ('R', 'gamma')] for n in names},"
        " trained={n: [float(students[n][q][:, -1].mean()) for q in ('R', 'gamma')]"
        " for n in names},"
        " error={n: [float(students[n][q][:, -1].std()) / 4 for q in ('R', 'gamma')]"
        " for n in names})",
        own_activation,
    ),
    "figure1": (
        "dict(loads=loads, N=N, S=S, M=M, sgd=sgd.mean(-1).tolist(), bn=bn.mean(-1).tolist(),"
        " ridge=np.interp(loads, alpha, linear['ridge 1/(2M)'].error).tolist(),"
        " relu=[[float(np.interp(v, c.alpha, c.error)) for v in relu_loads]"
        " for c in (printed, symmetric)] + [relu.mean(-1).tolist()])",
        figure1,
    ),
    "another_paper": (
        "dict(etas=etas, ends=ends, N=N, trained=[r[-1].mean().item() for r in rates],"
        " error=[r[-1].std().item() / students**0.5 for r in rates],"
        " length=[(d := wn_length.derive()).id, d.where, d.passed, d.agrees],"
        " measured=[check.verdict for check in wn_length.validate().checks])",
        another_paper,
    ),
}


def test_every_notebook_is_asked_something() -> None:
    assert sorted(CHECKS) == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_it_is_kept_without_outputs_and_begins_with_a_title(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    words = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert notebook.cells[0].source == words[0]
    assert [text.startswith("# ") for text in words] == [True] + [False] * (len(words) - 1)
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None
