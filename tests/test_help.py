"""What the commands say of themselves: complete, narrow, quick, and true."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import children
import pytest

import bntheory
from bntheory import cli, overview
from bntheory.parser import WIDTH

ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]
NAMES = ["", *cli.COMMANDS]


def helped(name: str, capsys: Capture) -> str:
    assert cli.main([*name.split(), "--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("columns", ["40", "80", "300"])
def test_no_line_is_long(
    name: str, columns: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert max(map(len, helped(name, capsys).splitlines())) <= WIDTH <= 88


def test_a_newcomer_learns_what_there_is(capsys: Capture) -> None:
    said = helped("", capsys)
    assert all(f"\n  {name} " in said and what in said for name, what in cli.COMMANDS.items())
    assert len(overview.BEGIN) == 3 and all(f"\n  {line}\n" in said for line in overview.BEGIN)
    assert "ICLR 2019" in said and "openreview.net" in said and "bntheory COMMAND --help" in said


@pytest.mark.parametrize("name", NAMES)
def test_every_status_is_explained(name: str, capsys: Capture) -> None:
    said = helped(name, capsys).partition("exit status:\n")[2].partition("\n\n")[0]
    explained = {int(number) for number in re.findall(r"^  (\d+) ", said, re.MULTILINE)}
    known = {cli.HELD, cli.FAILED, cli.WRONG, cli.INTERRUPTED}
    assert explained == (known - {cli.FAILED} if name == "figures" else known)


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_understood(name: str, capsys: Capture) -> None:
    """Each line that is shown has options and ids that there are: with --cite it only answers."""
    lines = re.findall(r"^  bntheory ((?:\w+ ).*)\n    ", helped(name, capsys), re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        assert cli.main([*shlex.split(line), "--cite"]) == 0, line
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["--help", "--version", "--cite"])
def test_quick_answers(name: str, option: str) -> None:
    seconds = []
    for _ in range(3):
        started = children.seconds()
        done = subprocess.run(
            [sys.executable, "-m", "bntheory", *name.split(), option],
            capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        )  # fmt: skip
        seconds.append(children.seconds() - started)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout
    assert min(seconds) < 20 * children.bare()


def test_no_command_names_help(capsys: Capture) -> None:
    assert cli.main([]) == cli.WRONG
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "bntheory --help tells more" in err
