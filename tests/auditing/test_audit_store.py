"""An audit that is interrupted goes on where it stopped, and leaves no half of a file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import validation
from bntheory import audit
from bntheory.auditing.store import Store, read
from bntheory.verdict import Check, Validation, judge

ROOT = Path(__file__).parents[2]
#: Rows that are soon measured.
QUICK = ("eq1", "eq2", "eq7", "eq5")


def measured(id: str = "eq7") -> Validation:
    check = judge("a system", "a quantity", 1.0, 1.01, 0.001, 0.1, "printed", N=8)
    return Validation(id, "a title", "a place", (check,), 2019, "cpu", {"torch": "2"}, 0.5, "how")


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "down")
    assert store.load("eq7") is None
    store.save(measured())
    assert store.load("eq7") == measured()
    assert store.load("eq1") is None


def test_what_is_no_number_reads_back(tmp_path: Path) -> None:
    check = Check("s", "q", 1.0, float("nan"), float("inf"), 0.1)
    store = Store(tmp_path)
    store.save(Validation("eq7", "", "", (check,), 2019, "cpu", {}, 0.5))
    found = store.load("eq7")
    assert found is not None and found.checks[0].verdict == "inconclusive"


@pytest.mark.parametrize("other", [{"seed": 1}, {"device": "cuda"}])
def test_other_settings_are_another_measurement(tmp_path: Path, other: dict[str, Any]) -> None:
    Store(tmp_path).save(measured())
    assert Store(tmp_path, **other).load("eq7") is None


def test_other_code_is_another_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(tmp_path).save(measured())
    monkeypatch.setattr("bntheory.auditing.store._code", lambda: "other")
    assert Store(tmp_path).load("eq7") is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', "\x00\xff"])
def test_a_damaged_file_is_measured_again(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)
    store.save(measured())
    whole = json.loads(store.path("eq7").read_text())
    store.path("eq7").write_text(damage, encoding="latin-1")
    assert store.load("eq7") is None
    store.path("eq7").write_text(json.dumps({**whole, "validation": {"id": "eq7"}}))
    assert store.load("eq7") is None


def test_an_interruption_costs_one_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def interrupted(id: str, *rest: Any) -> Validation:
        asked.append(id)
        if asked == ["eq1", "eq2"]:
            raise KeyboardInterrupt
        return measured(id)

    monkeypatch.setattr(validation, "validate", interrupted)
    given = [*QUICK[:3], "--state", str(tmp_path), "--format", "json"]
    assert audit.main(given) == 130
    out, err = capsys.readouterr()
    assert out == "" and "the same command goes on there" in err
    assert audit.main(given) == 0
    assert asked == ["eq1", "eq2", "eq2", "eq7"]
    assert [row["id"] for row in json.loads(capsys.readouterr().out)["rows"]] == list(QUICK[:3])


def kept(folder: Path) -> Iterator[Validation]:
    for path in folder.glob("*.json"):
        yield read(json.loads(path.read_text())["validation"])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_signal_leaves_whole_files(tmp_path: Path, sent: signal.Signals) -> None:
    """The output is not there, or whole; what is kept is whole, and is not measured again."""
    state, output = tmp_path / "state", tmp_path / "audit.json"
    command = [
        *(sys.executable, "-m", "bntheory.audit", *QUICK, "--state", str(state)),
        *("--format", "json", "--output", str(output)),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, cwd=tmp_path)
    deadline = time.monotonic() + 120
    while not list(state.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.send_signal(sent)
    running.communicate(timeout=60)
    assert running.returncode in (0, 130, -sent)
    before = {found.id for found in kept(state)}
    assert before
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not any(f" {id}: measured" in done.stderr for id in before)
    assert {row["id"] for row in json.loads(output.read_text())["rows"]} == set(QUICK)
