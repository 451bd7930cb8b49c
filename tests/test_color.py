"""Colour: on a real terminal that wants it, and nowhere else."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bntheory
from bntheory.rendering.color import BAD, GOOD, NOTE, painted

ROOT = Path(bntheory.__file__).parents[1]
ESCAPE = "\033"
COMMAND = [sys.executable, "-m", "bntheory"]
AUDIT = ["audit", "eq15", "eq10", "--no-simulation"]
SECONDS = re.compile(r"\d+\.\d\d s\.")


def environment(**changed: str | None) -> dict[str, str]:
    known = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changed}
    known.setdefault("NO_COLOR", None)
    return {name: value for name, value in known.items() if value is not None}


def on_a_terminal(*argv: str, **changed: str | None) -> str:
    """Return what a command shows on stdout, where that is a terminal; stderr is none."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *argv], stdout=inner, stderr=subprocess.DEVNULL, env=environment(**changed)
    )
    os.close(inner)
    shown = b""
    while True:
        try:
            part = os.read(outer, 2**16)
        except OSError:  # how a terminal says that nobody writes to it any more
            break
        if not part:
            break
        shown += part
    os.close(outer)
    assert process.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def through_a_pipe(*argv: str, **changed: str | None) -> str:
    done = subprocess.run(
        [*COMMAND, *argv], capture_output=True, text=True, check=True, env=environment(**changed)
    )
    assert ESCAPE not in done.stderr
    return done.stdout


def timeless(text: str) -> str:
    return SECONDS.sub("s.", text)


def test_a_terminal_has_verdicts_in_colour_and_the_same_text() -> None:
    shown = on_a_terminal(*AUDIT)
    assert f"\033[{NOTE}mmisprint\033[0m  " in shown
    assert f"Verdict: \033[{GOOD}mholds\033[0m\n" in shown
    plain = through_a_pipe(*AUDIT)
    assert ESCAPE not in plain
    assert timeless(re.sub(r"\033\[[\d;]*m", "", shown)) == timeless(plain)


@pytest.mark.parametrize(
    "changed",
    [{"NO_COLOR": "1"}, {"NO_COLOR": "0"}, {"TERM": "dumb"}, {"TERM": None}, {"TERM": ""}],
    ids=str,
)
def test_who_wants_none_has_none(changed: dict[str, str | None]) -> None:
    assert ESCAPE not in on_a_terminal("derive", "eq10", **changed)


def test_an_empty_NO_COLOR_says_nothing() -> None:
    assert ESCAPE in on_a_terminal("derive", "eq10", NO_COLOR="")


@pytest.mark.parametrize("format", ["json", "markdown", "html", "latex"])
def test_other_formats_are_never_painted(format: str) -> None:
    assert ESCAPE not in on_a_terminal("derive", "eq10", "--format", format)


def test_files_are_never_painted(tmp_path: Path) -> None:
    path = tmp_path / "eq10.txt"
    assert on_a_terminal("derive", "eq10", "--output", str(path)) == ""
    assert "steps hold" in path.read_text() and ESCAPE not in path.read_text()


def test_help_and_lists_on_a_dumb_terminal() -> None:
    for argv in (["--help"], ["derive", "--help"], ["derive", "--list"], ["--cite"]):
        assert ESCAPE not in on_a_terminal(*argv, TERM="dumb")


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        ("fails                 5  eq23", BAD, "fails"),
        ("holds-approximately  19  prior", NOTE, "holds-approximately"),
        ("Verdict: open", NOTE, "open"),
        ("  q  derived  1.0  1.1  0.1  refuted", BAD, "refuted"),
        ("  q  derived  1.0  1.1  0.1  inconclusive", NOTE, "inconclusive"),
        ("*** CHECK FAILED, exact: x.", BAD, "*** CHECK FAILED, exact: x."),
        ("*** 3 OF 5 CHECKS FAILED; 0.1 s.", BAD, "*** 3 OF 5 CHECKS FAILED; 0.1 s."),
        ("    Approximation: what is dropped", NOTE, "    Approximation"),
        ("(1): Print and derivation differ.", NOTE, "Print and derivation differ"),
        ("Both steps hold: 2 exact", GOOD, "Both steps hold"),
    ],
)
def test_what_is_painted(line: str, code: str, word: str) -> None:
    assert painted(line) == line.replace(word, f"\033[{code}m{word}\033[0m")


@pytest.mark.parametrize(
    "line", ["What holds instead", "it holds for each", "where gamma fails to", "an open question"]
)
def test_prose_is_left_alone(line: str) -> None:
    assert painted(line) == line
