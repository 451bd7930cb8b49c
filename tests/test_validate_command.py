"""The command, the package of validations, and how a validation is written."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import children
import pytest
import torch

import bntheory
import validation
from bntheory import cli, validate
from bntheory.paper import STATEMENTS, Statement, UnknownStatement
from bntheory.rendering.validation import WIDTH, render
from bntheory.simulation import LAWS, Layer, Run, settled, statistics
from bntheory.verdict import Check, Validation, judge
from validation import c3_moments

ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]
KEYS = "id checks verdict printed_verdict seed device versions seconds".split()
CHECK_KEYS = "system quantity form predicted measured standard_error margin verdict".split()


def shell(command: str, timeout: float = 120, **environment: str) -> Any:
    """Run a shell command with ``VALIDATE`` standing for the command."""
    python = f"'{sys.executable}' -m bntheory.validate"
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        ["bash", "-c", command.replace("VALIDATE", python)],
        capture_output=True, timeout=timeout, env=known, check=False,
    )  # fmt: skip


def measured(run: Run) -> Iterator[Check]:
    """Measure the mean of a batch variance, (M - 1)/M, on real batches."""
    layer = Layer(LAWS["exponential"], 8)
    for form, predicted in (("derived", 7 / 8), ("printed", 1.0)):
        decided = settled(predicted, 0.01)
        (found,) = statistics(run, layer, [lambda batch: batch.std**2], decided)
        yield judge(
            "BatchNorm1d on exponential h", "E[sigma_B^2]", predicted, found.value,
            found.standard_error, 0.01, form, M=8, samples=found.samples, neurons=run.neurons,
        )  # fmt: skip


def wrong(run: Run) -> Iterator[Check]:
    """Plant an error: the derived form is off by ten margins."""
    for check in measured(run):
        yield replace(check, predicted=check.predicted + 0.1)


def undecided(run: Run) -> Iterator[Check]:
    yield judge("s", "q", 1.0, 1.05, 0.03, 0.1)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have thm1 and three statements beyond the paper, in place of what is there."""
    modules = {"thm1": measured, "beyond": measured, "planted": wrong, "undecided": undecided}
    statements = {id: Statement(id, f"about {id}", "beyond the paper") for id in modules}
    monkeypatch.setattr(validation, "available", lambda: statements)
    for id, function in modules.items():
        module = types.ModuleType(f"validation.{id}")
        module.validate = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"validation.{id}", module)


# -- what it prints ------------------------------------------------------------------------------


def test_text_is_printed(known: None, capsys: Capture) -> None:
    assert validate.main(["EQ3"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and max(map(len, out.splitlines())) <= WIDTH
    assert out.startswith("About thm1\n──────────\nthm1: beyond the paper\n")
    assert "Derived form confirmed: of 1 checks, 1 confirmed. Printed form refuted" in out
    rows = [row.split() for row in out.splitlines() if "E[sigma_B^2]" in row]
    assert [(row[1], row[-1]) for row in rows] == [("derived", "confirmed"), ("printed", "refuted")]


def test_json_keeps_the_contract(known: None, capsys: Capture) -> None:
    assert validate.main(["thm1", "--format", "json", "--seed", "-4", "--neurons", "50"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert list(data) == KEYS and set(CHECK_KEYS) <= set(data["checks"][0])
    assert (data["id"], data["seed"], data["device"]) == ("thm1", -4, "cpu")
    assert (data["verdict"], data["printed_verdict"]) == ("confirmed", "refuted")
    assert data["versions"]["torch"] == torch.__version__
    derived, printed = data["checks"]
    assert derived["form"] == "derived" and derived["more_work"] == 1
    assert derived["settings"]["M"] == 8 and derived["settings"]["neurons"] == 50
    assert abs(derived["measured"] - 0.875) < 0.01 < abs(printed["measured"] - 1)


def test_one_id_is_an_object_and_several_are_a_list(known: None, capsys: Capture) -> None:
    assert validate.main(["thm1", "beyond", "--format", "json"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == ["thm1", "beyond"]


def test_the_same_seed_gives_the_same_numbers(known: None, capsys: Capture) -> None:
    found = []
    for seed in ("1", "1", "2"):
        assert validate.main(["thm1", "--seed", seed, "--format", "json"]) == 0
        found.append(json.loads(capsys.readouterr().out)["checks"])
    assert found[0] == found[1] != found[2]


def test_the_list_has_every_statement_in_80_columns(capsys: Capture) -> None:
    assert validate.main(["--list"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert max(map(len, rows)) <= 80
    listed = {row[2:].split()[0]: row[0] for row in rows[1:] if row[2] != " "}
    assert list(listed)[: len(STATEMENTS)] == [statement.id for statement in STATEMENTS]
    assert {id for id, mark in listed.items() if mark == "*"} == set(validation.available())


def test_output_goes_to_a_file(known: None, capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    assert validate.main(["thm1", "--format", "json", "--output", str(path)]) == 0
    assert capsys.readouterr() == ("", "")
    assert json.loads(path.read_text())["id"] == "thm1"


# -- exit status ---------------------------------------------------------------------------------


def test_a_planted_error_is_status_1(known: None, capsys: Capture) -> None:
    assert validate.main(["thm1", "planted"]) == 1
    out, err = capsys.readouterr()
    assert "Derived form refuted" in out
    assert err.startswith("bntheory validate: planted: REFUTED: E[sigma_B^2], BatchNorm1d on")
    assert err.count("\n") == 1 and "predicted 0.975, measured 0.87" in err


def test_what_is_undecided_has_not_failed(known: None, capsys: Capture) -> None:
    assert validate.main(["undecided"]) == 0
    out, err = capsys.readouterr()
    assert "Open: q, s; about 5.8 times the number of samples would decide." in out and err == ""


WRONG = [
    (["thn1"], "did you mean thm1"),
    (["zzzzzz"], "ids look like"),
    (["fig3"], "fig3 is not validated yet; validated so far: thm1, beyond"),
    (["thm1", "fig3"], "fig3 is not validated yet"),
    ([], "name a statement, for instance thm1"),
    (["thm1", "--device", "tpu"], "invalid choice: 'tpu' (choose from"),
    (["thm1", "--device", "cuda"], "device 'cuda' is not available here; 'cpu' is"),
    (["thm1", "--neurons", "0"], "'0' is no positive whole number"),
    (["thm1", "--neurons", "-3"], "'-3' is no positive whole number"),
    (["thm1", "--neurons", "1e3"], "'1e3' is no positive whole number"),
    (["thm1", "--neurons", "1" + 20 * "0"], "is no positive whole number up to 1e+15"),
    (["thm1", "--seed", "1.5"], "'1.5' is no whole number"),
    (["thm1", "--format", "html"], "invalid choice: 'html' (choose from"),
    (["thm1", "--output", "nowhere/page"], "there is no directory"),
    (["--no-such-option", "thm1"], "unrecognized arguments: --no-such-option"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG)
def test_a_wrong_request_is_one_line_and_status_2(
    known: None, capsys: Capture, monkeypatch: pytest.MonkeyPatch, argv: list[str], said: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(validation, "validate", None)  # nothing is measured first
    assert validate.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("bntheory validate: ")
    assert err.count("\n") == 1 and said in err


def test_a_size_outside_its_domain(capsys: Capture) -> None:
    assert validate.main(["eq10", "--neurons", "1"]) == 2
    said = "bntheory validate: --neurons 1: N = 1 is outside its domain, 2 <= N\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("id", ["eq1", "eq2", "eq4", "eq5", "eq7", "eq8", "eq16", "eq18"])
def test_a_size_without_memory_is_refused_with_one_that_fits(id: str, capsys: Capture) -> None:
    assert validate.main([id, "--neurons", "1000000000"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("bntheory validate: --neurons 1000000000: neurons = 1000000000 need ")
    found = re.search(r"GB are free: (\d+) would fit\n$", err)
    assert found and 1 < int(found[1]) < 10**9


@pytest.mark.parametrize("id", ["sgd-linear", "bn-linear", "bn-relu", "prop5", "rs-relu"])
def test_a_size_of_fixed_samples_likewise(id: str, capsys: Capture) -> None:
    assert validate.main([id, "--neurons", "10000000"]) == 2
    assert re.search(r"GB are free: \d+ would fit\n$", capsys.readouterr().err)


def test_without_pytorch_the_request_cannot_be_met() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from bntheory.validate import main; sys.exit(main(['c3-moments']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 2 and done.stdout == b""
    assert done.stderr.decode().startswith("bntheory validate: measuring needs PyTorch")
    assert done.stderr.count(b"\n") == 1


def test_a_mistake_of_ours_is_no_wrong_request(
    known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Validation:
        raise ValueError("ours")

    monkeypatch.setattr(validation, "validate", broken)
    with pytest.raises(ValueError, match="ours"):
        validate.main(["thm1"])


# -- terminals, pipes, quick answers -------------------------------------------------------------


def test_progress_is_for_terminals(
    known: None, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert validate.main(["thm1"]) == 0
    out, err = capsys.readouterr()
    assert "\r" not in out and "thm1: 2 measured; E[sigma_B^2]" in err
    assert err.endswith("\r\033[K") and "\n" not in err


@pytest.mark.parametrize("command", ["VALIDATE --list", "VALIDATE --help", "VALIDATE --version"])
def test_quick_answers(command: str) -> None:
    seconds = []
    for _ in range(3):
        started = children.seconds()
        done = shell(command)
        seconds.append(children.seconds() - started)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout
    assert min(seconds) < 20 * children.bare()


def test_quick_answers_load_nothing_heavy() -> None:
    code = (
        "import sys, bntheory.validate\n"
        "for option in (['--list'], ['--version'], ['--help'], ['nonsense'], ['fig3']):\n"
        "    bntheory.validate.main(option)\n"
        "sys.exit(bool({'torch', 'sympy', 'numpy', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0


def test_the_console_entry_runs_the_command(known: None, capsys: Capture) -> None:
    assert cli.main(["validate", "undecided", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == "inconclusive"


# -- the package ---------------------------------------------------------------------------------


def test_a_file_is_a_validation() -> None:
    files = (ROOT / "validation").glob("[!_]*.py")
    names = {path.stem for path in files if "def validate(run: Run)" in path.read_text()}
    assert {name.replace("_", "-") for name in names} == set(validation.available())
    assert validation.available()["c3-moments"].where == "App. C.3"


def test_what_is_not_there() -> None:
    with pytest.raises(UnknownStatement, match="did you mean thm1"):
        validation.validate("thn1")
    with pytest.raises(validation.NotValidated, match="fig3 is not validated yet"):
        validation.validate("fig3")
    with pytest.raises(ValueError, match="neurons = -1"):
        validation.validate("c3-moments", neurons=-1)


def test_checks_are_watched(known: None) -> None:
    seen: list[Check] = []
    found = validation.validate("thm1", seed=5, watch=seen.append)
    assert tuple(seen) == found.checks and found.seed == 5 and found.seconds > 0


# -- how it is written ---------------------------------------------------------------------------


def page(*checks: Check, use_unicode: bool = True) -> list[str]:
    made = Validation("thm1", "a title", "here", checks, 1, "cpu", {"torch": "2.0"}, 1.25)
    assert str(made) == render(made).rstrip("\n")
    return render(made, use_unicode=use_unicode).splitlines()


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((1.0, 1.00023, 0.00035), ("1.00000", "1.00023 ± 0.00035")),
        ((123.4, 125.0, 2.0), ("123.4", "125.0 ± 2.0")),
        ((0.0, 0.0, 0.0), ("0.000000", "0.000000 ± 0.000000")),
        ((1.25e-5, 1.2e-5, 3e-8), ("1.2500e-05", "(1.2000 ± 0.0030)e-05")),
        ((-2.5e7, -2.4e7, 1e5), ("-2.500e+07", "(-2.400 ± 0.010)e+07")),
        ((0.0, 1e-9, 0.02), ("0.000", "0.000 ± 0.020")),
        ((math.nan, 1.0, 0.1), ("nan", "1 ± 0.1")),
        ((1.0, math.inf, math.nan), ("1", "inf ± nan")),
    ],
)
def test_numbers_are_written_to_two_digits_of_their_error(
    numbers: tuple[float, float, float], written: tuple[str, str]
) -> None:
    row = page(judge("s", "q", *numbers, margin=0.1))[6]
    predicted, measured = written
    assert re.split(r"\s{2,}", row.strip())[2:4] == [predicted, measured]


def test_long_names_are_wrapped_and_columns_are_aligned() -> None:
    name = "a quantity with a name that is longer than what a table of this width has room for"
    rows = page(
        judge("one " * 40, name, 1.0, 1.0, 0.1, 1.0),
        judge("two", "q", 1.0, 1.0, 0.1, 1.0, form="printed"),
    )
    assert max(map(len, rows)) <= WIDTH
    assert len({row.index("1.00 ± 0.10") for row in rows if "±" in row}) == 1
    start = next(k for k, row in enumerate(rows) if "a quantity" in row)
    column = [row[2 : rows[start].index("derived")].strip() for row in rows[start:]]
    assert " ".join(column).startswith(name)


def test_a_system_is_named_once() -> None:
    check = judge("the system", "q", 1.0, 1.0, 0.1, 1.0)
    assert sum("the system" in row for row in page(check, replace(check, form="printed"))) == 1


def test_ascii_alone() -> None:
    text = "\n".join(page(judge("s", "q", 1.0, 1.0, 0.1, 1.0), use_unicode=False))
    assert text.isascii() and "1.00 +-0.10" in text


def test_no_checks() -> None:
    assert "Nothing was measured." in page()


def test_numbers_that_are_none_are_null() -> None:
    check = judge("s", "q", math.nan, math.inf, 0.1, 1.0, limit=math.inf, M=4)
    made = Validation("thm1", "a title", "here", (check,), 1, "cpu", {}, 1.23456)
    data = json.loads(render(made, format="json"))
    assert data["checks"][0]["predicted"] is data["checks"][0]["more_work"] is None
    assert data["checks"][0]["settings"] == {"limit": None, "M": 4} and data["seconds"] == 1.235


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no format 'pdf'; the formats are text, json"):
        render(format="pdf")


# -- the example ---------------------------------------------------------------------------------


def test_moments_of_the_inverse_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    """As derived they are confirmed; with an error of ten margins at M = 16, it is refuted."""
    inverse_std, (*what, formula) = c3_moments.MOMENTS
    planted = (*what, lambda M: formula(M) * (1 + 0.01 * (M == 16)))
    monkeypatch.setattr(c3_moments, "MOMENTS", (inverse_std, planted))
    found = validation.validate("c3-moments")
    verdicts = {(check.quantity, check.settings["M"]): check.verdict for check in found.checks}
    assert verdicts.pop(("E[1/sigma_B^2]", 16)) == "refuted" and not found.passed
    assert len(verdicts) == 7 and set(verdicts.values()) == {"confirmed"}
