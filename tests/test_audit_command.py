"""The command: what it takes, what it writes, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from bntheory import audit, cli
from bntheory.notation import SYMBOLS
from bntheory.paper import STATEMENTS

SYMBOLIC = "--no-simulation"


def run(*given: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = audit.main(list(given))
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("format", audit.FORMATS)
def test_every_format(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run("eq15", "sec2-removal", SYMBOLIC, "--format", format, capsys=capsys)
    assert (status, err) == (0, "")
    assert "eq15" in out and "misprint" in out and "open" in out and out.endswith("\n")


def test_json_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("EQ15", "eq3", SYMBOLIC, "--format", "json", capsys=capsys)
    first, second = json.loads(out)["rows"]
    assert {"id", "where", "printed", "derived", "verdict", "because", "evidence"} <= set(first)
    assert (first["id"], second["id"]) == ("eq15", "thm1")
    (steps,) = first["evidence"]
    assert steps["kind"] == "derivation" and steps["passed"] and steps["steps"] == 4


def test_expressions_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("eq15", "prop4", SYMBOLIC, "--format", "json", capsys=capsys)
    for row in json.loads(out)["rows"]:
        for text in (*row["printed"], *row["derived"]):
            assert sp.sympify(text, locals=SYMBOLS).args


def test_an_output_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "audit.html"
    given = ("eq15", SYMBOLIC, "--format", "html", "--output", str(path))
    assert run(*given, capsys=capsys) == (0, "", "")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("prop99",), "no statement 'prop99'"),
        (("--format", "pdf"), "invalid choice: 'pdf'"),
        (("--seed", "x"), "'x' is no whole number"),
        (("eq15", "--output", "/nowhere/x"), "there is no directory"),
        (("eq15", "--state", __file__), "is no directory"),
        (("eq15", "--state", f"{__file__}/x"), "name another --state"),
    ],
)
def test_wrong_requests(
    given: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(*given, capsys=capsys)
    assert (status, out) == (cli.WRONG, "")
    assert said in err and err.count("\n") == 1


def test_a_failure_of_ours_is_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bntheory.auditing import Evidence

    monkeypatch.setattr(Evidence, "sound", property(lambda self: False))
    status, _, err = run("eq15", SYMBOLIC, capsys=capsys)
    assert status == cli.FAILED and err.startswith("bntheory audit: eq15: ")


def test_help_is_quick() -> None:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bntheory.audit", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert time.perf_counter() - started < 5
    assert not {"sympy", "torch", "numpy"} & set(done.stderr.replace("|", " ").split())


def test_ids_are_asked_for_once(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run("eq3", "thm1", SYMBOLIC, "--format", "json", capsys=capsys)
    assert [row["id"] for row in json.loads(out)["rows"]] == ["thm1"]


def test_everything_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def judged(statements: Any, *_: Any) -> list[Any]:
        seen.append(statements)
        return []

    monkeypatch.setattr(audit, "_judged", judged)
    monkeypatch.setattr(audit, "_show", lambda rows, arguments: None)
    assert audit.main([SYMBOLIC]) == 0
    assert seen == [list(STATEMENTS)]


def test_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from bntheory.audit import main; "
        "sys.exit(10 * main(['prop1', '--no-simulation']) + main(['eq15']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == cli.WRONG
    assert "prop1" in done.stdout and "--no-simulation goes without" in done.stderr


def test_derivations_alone_say_that_measurements_may_refute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit.main(["eq13", "fig3", SYMBOLIC]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "By derivation alone: 1 of these can be measured, too" in words
    assert audit.main(["fig3"]) == 0
    assert "By derivation alone" not in capsys.readouterr().out
