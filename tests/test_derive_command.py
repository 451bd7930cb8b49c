"""The command: what it prints, where, and its exit status."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import children
import pytest

import bntheory
import derivations
from bntheory import cli, derive
from bntheory.calculus.gaussian import NoClosedForm
from bntheory.derivation import Derivation
from bntheory.paper import STATEMENTS

ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]


def shell(
    command: str, timeout: float = 120, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a shell command with ``derive`` standing for the command."""
    python = f"'{sys.executable}' -m bntheory"
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        ["bash", "-c", command.replace("DERIVE", f"{python}.derive").replace("BNTHEORY", python)],
        capture_output=True, timeout=timeout, env=known, check=False,
    )  # fmt: skip


def spoiled(derivation: Derivation) -> Derivation:
    step = derivation.steps[0]
    return replace(
        derivation, steps=(replace(step, check=replace(step.check, passed=False)),)
    )


# -- what it prints ------------------------------------------------------------------------------


def test_text_is_printed(capsys: Capture) -> None:
    assert derive.main(["EQ13"]) == 0
    out, err = capsys.readouterr()
    assert "eq13: Luo" in out and "γ" in out and err == ""


@pytest.mark.parametrize("format", ["text", "latex", "markdown", "html", "json"])
def test_every_format_is_printed(capsys: Capture, format: str) -> None:
    assert derive.main(["eq13", "--format", format]) == 0
    assert len(capsys.readouterr().out) > 500


def test_one_id_is_an_object_and_several_are_a_list(capsys: Capture) -> None:
    assert derive.main(["eq13", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "eq13"
    assert derive.main(["eq13", "eq14", "--format", "json"]) == 0
    assert [d["id"] for d in json.loads(capsys.readouterr().out)] == ["eq13", "eq14"]


def test_an_activation_is_a_name_or_an_expression(capsys: Capture) -> None:
    results = []
    for activation in ("relu", "ReLU", "max(x, 0)", "(x + abs(x))/2"):
        assert derive.main(["eq13", "--activation", activation, "--format", "json"]) == 0
        results.append(json.loads(capsys.readouterr().out)["results"])
    assert all(result == results[0] for result in results)


def test_the_list_has_every_statement_in_80_columns(capsys: Capture) -> None:
    assert derive.main(["--list"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert max(map(len, rows)) <= 80
    listed = {row[2:].split()[0]: row[0] for row in rows[1:] if row[2] != " "}
    assert list(listed)[: len(STATEMENTS)] == [statement.id for statement in STATEMENTS]
    assert {id for id, mark in listed.items() if mark == "*"} == set(derivations.available())
    text = " ".join(" ".join(rows).split())
    assert all(f"{s.title} ({s.where})" in text for s in STATEMENTS)


def test_a_print_that_differs_leaves_the_status_alone(capsys: Capture) -> None:
    assert derive.main(["eq15", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["printed"]["agrees"] is False


# -- a check that fails --------------------------------------------------------------------------


def test_a_failed_check_is_status_1(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = spoiled(derivations.derive("eq13"))
    monkeypatch.setattr(derivations, "derive", lambda id, activation=None: bad)
    assert derive.main(["eq13"]) == 1
    out, err = capsys.readouterr()
    assert "CHECK FAILED" in out
    assert err.startswith("bntheory derive: eq13: CHECK FAILED at eq13.1 (")
    assert err.count("\n") == 1


def test_a_mistake_of_ours_is_no_wrong_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(id: str, activation: Any = None) -> Derivation:
        raise ValueError("ours")

    monkeypatch.setattr(derivations, "derive", broken)
    with pytest.raises(ValueError, match="ours"):
        derive.main(["eq13"])
    assert derive.main(["eq13", "--activation", "relu"]) == 2


# -- requests that are wrong ---------------------------------------------------------------------

WRONG = [
    (["porp4"], "did you mean prop4"),
    (["zzzzzz"], "ids look like"),
    (["fig3"], "fig3 is not derived yet; derived so far: "),
    (["eq13", "fig3"], "fig3 is not derived yet"),
    ([], "name a statement, for instance prop4"),
    (["eq13", "--activation", "rleu"], "did you mean relu?"),
    (["eq13", "--activation", "qqqq"], "the names are relu, linear"),
    (["eq13", "--activation", "x +"], "cannot read the activation 'x +'"),
    (["eq13", "--activation", "x + y"], "a function of x alone, and 'y' is not known"),
    (["eq13", "--activation", "3"], "is a constant"),
    (["eq13", "--activation", "9**9**9**9*x"], "an exponent is a number up to 20"),
    (["eq13", "--activation", "sign(x)"], "jumps at x = 0"),
    (["eq13", "--activation", "two\nlines"], "cannot read the activation"),
    (["eq13", "--format", "pdf"], "invalid choice: 'pdf' (choose from"),
    (["eq13", "--activation"], "expected one argument"),
    (["--no-such-option", "eq13"], "unrecognized arguments: --no-such-option"),
    (["two\nlines"], "no statement"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG)
def test_a_wrong_request_is_one_line_and_status_2(
    capsys: Capture, argv: list[str], said: str
) -> None:
    assert derive.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("bntheory derive: ") and err.count("\n") == 1 and said in err


def test_a_closed_form_out_of_reach_is_status_2(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(id: str, activation: Any = None) -> Derivation:
        raise NoClosedForm("a reason\nof two lines")

    monkeypatch.setattr(derivations, "derive", unreachable)
    assert derive.main(["eq13", "--activation", "tanh"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert "a closed form of eq13 is out of reach for tanh" in err


@pytest.mark.parametrize("where", ["nowhere/page.txt", "."])
def test_a_file_that_cannot_be_written_is_status_2(
    capsys: Capture, tmp_path: Path, where: str
) -> None:
    assert derive.main(["eq13", "--output", str(tmp_path / where)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "cannot write" in err
    assert list(tmp_path.iterdir()) == []


# -- files ---------------------------------------------------------------------------------------


def test_output_goes_to_a_file(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("old")
    assert derive.main(["eq13", "--output", str(path)]) == 0
    assert capsys.readouterr() == ("", "")
    assert "γ" in path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["page.txt"]


def test_a_link_is_followed_and_a_device_is_not_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("")
    link.symlink_to(target)
    cli.write_file(str(link), "text\n")
    assert link.is_symlink() and target.read_text() == "text\n"
    cli.write_file("/dev/null", "text\n")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_nothing_is_left_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.txt"
    path.write_text("old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(cli.RequestError, match="No space left"):
        cli.write_file(str(path), "new")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["page.txt"]


# -- terminals and pipes -------------------------------------------------------------------------


def test_a_terminal_without_unicode_gets_ascii() -> None:
    done = shell("DERIVE eq13", PYTHONIOENCODING="ascii")
    assert done.returncode == 0 and done.stderr == b""
    assert done.stdout.isascii() and b"I1(gamma, R)" in done.stdout and b"?" not in done.stdout


@pytest.mark.parametrize("format", ["latex", "markdown", "html", "json"])
def test_other_formats_survive_any_encoding(
    monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert derive.main(["eq13", "--format", format]) == 0
    assert raw.getvalue().isascii() and len(raw.getvalue()) > 500


def test_a_pipe_that_closes_is_silent() -> None:
    for command in ("DERIVE --list | true", "DERIVE --help | true", "DERIVE eq13 | true"):
        done = shell(f"{command}; exit ${{PIPESTATUS[0]}}")
        assert done.returncode == 0 and done.stderr == b""


def test_a_full_disk_is_status_2() -> None:
    done = shell("DERIVE --list > /dev/full")
    assert done.returncode == 2 and b"No space left" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_closed_stdout_is_no_crash() -> None:
    assert shell("DERIVE --list >&-").returncode == 0


# -- quick answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["DERIVE --list", "DERIVE --help", "DERIVE --version",
                                     "BNTHEORY --help", "BNTHEORY --version"])  # fmt: skip
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
        "import sys, bntheory, bntheory.cli, bntheory.derive\n"
        "for option in (['--list'], ['--version'], ['--help'], ['nonsense']):\n"
        "    bntheory.derive.main(option)\n"
        "heavy = {'sympy', 'numpy', 'scipy', 'mpmath', 'importlib.metadata'} & set(sys.modules)\n"
        "sys.exit(bool(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0


def test_version() -> None:
    assert shell("DERIVE --version").stdout.decode().split() == ["bntheory", bntheory.__version__]


# -- the console entry ---------------------------------------------------------------------------


def test_the_console_entry_runs_the_command(capsys: Capture) -> None:
    assert cli.main(["derive", "eq13", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "eq13"
    assert cli.main(["derive", "--list"]) == 0


@pytest.mark.parametrize(
    ("argv", "said"),
    [([], "no command is given"), (["divine"], "no command 'divine'"), (["--flag"], "no command")],
)
def test_the_console_entry_refuses_what_it_does_not_know(
    capsys: Capture, argv: list[str], said: str
) -> None:
    assert cli.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and said in err and "derive" in err
