"""The stability map: measured in this process, on few squares and few students."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bntheory import figures
from bntheory.sweeps import stability
from bntheory.sweeps.dataset import read
from bntheory.sweeps.task import Outcomes, Task, measure
from validation import growth


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Tasks that are done, one square below and two above where R turns unstable."""
    done: list[Task] = []

    def outcomes(tasks: Sequence[Task]) -> Outcomes:
        for task in tasks:
            done.append(task)
            yield task, measure(task)

    monkeypatch.setattr(stability, "ETAS", (1.0, 5.0))
    monkeypatch.setattr(stability, "ZETAS", (0.0, 0.2))
    monkeypatch.setattr(stability, "outcomes", outcomes)
    monkeypatch.setattr(growth, "REPLICAS", 100)
    return done


def test_the_map_is_made_and_goes_on(
    few: list[Task], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "map.svg"
    command = ["stability", "--output", str(output)]
    assert figures.main(command) == 0
    said = capsys.readouterr().out
    assert "boundary of the complete equations: right at 4 of the 4 places" in said
    assert output.read_text(encoding="utf-8").startswith("<?xml")
    measured = stability.eigenvalues(read(output.with_suffix(".zarr")))
    assert (np.sign(measured.rate.values) == [[-1, -1], [1, 1]]).all()
    assert len(few) == 4
    assert figures.main(command) == 0  # nothing is measured again
    assert len(few) == 4
    assert figures.main([*command, "--seed", "1"]) == 2
    assert "other seed" in capsys.readouterr().err


def test_a_wrong_boundary_is_seen(few: list[Task], tmp_path: Path) -> None:
    output = tmp_path / "map.png"
    right, _ = stability.make(output, "title", 2019, "cpu")
    assert (right.right, right.decided) == (4, 4)
    measured = stability.eigenvalues(read(output.with_suffix(".zarr")))
    wrong = measured.assign(complete=1.5 * measured.complete)
    assert stability.judged(wrong, "complete", "", "derived").right == 3


@pytest.mark.parametrize("option", [("--neurons", "9"), ("--replicas", "9"), ("--data", ".")])
def test_options_of_other_figures(option: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.main(["stability", *option]) == 2
    assert f"{option[0]} is not for stability, but for fig" in capsys.readouterr().err
