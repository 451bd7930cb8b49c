"""Completion, by a real shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import bntheory
import derivations
import validation
from bntheory import cli, completion, figures
from bntheory.paper import BY_ID

ROOT = Path(bntheory.__file__).parents[1]

#: Calls what bash calls when somebody types a line and presses TAB.
PRESS_TAB = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
function=$(complete -p bntheory | sed 's/.*-F \\([^ ]*\\).*/\\1/')
"$function" bntheory "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@cache
def script(shell: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bntheory", "--print-completion", shell],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return done.stdout


def completed(folder: Path, *words: str) -> set[str]:
    """Return what bash offers in place of the last word."""
    (folder / "script").write_text(script("bash"))
    done = subprocess.run(
        ["bash", "--norc", "-c", PRESS_TAB, "bash", str(folder / "script"), *words],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    assert done.stderr == ""
    return set(done.stdout.split())


def test_commands(tmp_path: Path) -> None:
    assert completed(tmp_path, "bntheory", "") == set(cli.COMMANDS)
    assert completed(tmp_path, "bntheory", "der") == {"derive"}
    assert {"--help", "--cite", "--version"} <= completed(tmp_path, "bntheory", "--")


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        ("derive", derivations.available()),
        ("validate", validation.available()),
        ("audit", BY_ID),
        ("figures", figures.titles()),
    ],
)
def test_ids_of_statements(command: str, ids: dict[str, object], tmp_path: Path) -> None:
    assert completed(tmp_path, "bntheory", command, "") >= set(ids)


def test_several_ids(tmp_path: Path) -> None:
    assert completed(tmp_path, "bntheory", "derive", "prop4", "table1-") == {
        id for id in BY_ID if id.startswith("table1-")
    }


def test_options_and_their_choices(tmp_path: Path) -> None:
    assert "--activation" in completed(tmp_path, "bntheory", "derive", "prop4", "--")
    assert completed(tmp_path, "bntheory", "derive", "prop4", "--format", "") == {
        *("text", "latex", "markdown", "html", "json")
    }
    assert completed(tmp_path, "bntheory", "audit", "--device", "c") == {"cpu", "cuda"}


def test_files(tmp_path: Path) -> None:
    (tmp_path / "page.html").touch()
    assert completed(tmp_path, "bntheory", "derive", "eq13", "--output", "pa") == {"page.html"}


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_shells_can_read_it(shell: str, tmp_path: Path) -> None:
    assert "prop4" in script(shell)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_text(script(shell))
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, check=False)
    assert done.returncode == 0 and done.stderr == b""
