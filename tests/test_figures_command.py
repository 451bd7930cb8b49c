"""The command: arguments, exit status, what is printed, what is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import children
import pytest
import torch

import bntheory
from bntheory import cli, experiments, figures, panels
from bntheory.panels import make
from bntheory.panels.panel import Settings
from bntheory.workers import WorkerLost

ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str, Settings, Path]]:
    """Be in a folder of its own, and make nothing but claims; return what was asked for."""
    asked = []

    def claims(id: str, settings: Settings, output: Path) -> list[dict[str, Any]]:
        asked.append((id, settings, output))
        loads = [{"alpha": 0.5, "verdict": "confirmed"}, {"alpha": 1.0, "verdict": "refuted"}]
        refuted = {"claim": "It is.", "form": "printed", "verdict": "refuted", "loads": loads}
        held = {"claim": "So is it.", "form": "derived", "verdict": "confirmed", "loads": loads}
        return [refuted, held]

    monkeypatch.setattr(make, "make", claims)
    monkeypatch.chdir(tmp_path)
    return asked


def test_defaults(made: list[Any], capsys: Capture) -> None:
    assert figures.main(["fig1a"]) == figures.main(["FIG1B"]) == 0
    assert made == [
        ("fig1a", Settings(256, 32, 2019, "cpu"), Path("fig1a.png")),
        ("fig1b", Settings(256, 16, 2019, "cpu"), Path("fig1b.png")),
    ]


def test_options(made: list[Any], capsys: Capture, tmp_path: Path) -> None:
    output = tmp_path / "my.figure.SVG"
    options = ["--neurons", "500", "--replicas", "7", "--seed", "-3", "--output", str(output)]
    assert figures.main(["fig1b", *options]) == 0
    assert made == [("fig1b", Settings(500, 7, -3, "cpu"), output)]
    assert f"{output}, with its data in {tmp_path / 'my.figure.json'}\n" in capsys.readouterr().out


def test_claims_are_printed_and_leave_the_status_alone(made: list[Any], capsys: Capture) -> None:
    assert figures.main(["fig1a"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.splitlines() == [
        "fig1a.png, with its data in fig1a.json",
        "  refuted       printed  It is.",
        "                         confirmed at alpha = 0.5",
        "                         refuted at alpha = 1",
        "  confirmed     derived  So is it.",
    ]


WRONG = [
    (["fig9"], "no figure 'fig9'; the figures are fig1a, fig1b, fig2ab, "),
    ([], "name a figure, for instance fig1a; --list lists them"),
    (["fig1a", "fig1b"], "unrecognized arguments: fig1b"),
    (["fig1a", "--output", "a.jpg"], "'a.jpg'; the name of a picture ends in .png, .svg, .pdf"),
    (["fig1a", "--output", "png"], "the name of a picture ends in .png, .svg, .pdf"),
    (["fig1a", "--output", "none/a.png"], "cannot write 'none/a.png': there is no directory"),
    (["fig1a", "--output", "folder.png"], "it is a directory; name a file"),
    (["fig1a", "--output", "data.png"], "cannot write 'data.json': it is a directory"),
    (["fig1a", "--data", "."], "--data is not for fig1a, but for fig2ab, fig2cd, fig2ef, fig2gh,"),
    (["fig1a", "--neurons", "0"], "'0' is no positive whole number"),
    (["fig1a", "--neurons", "1e3"], "'1e3' is no positive whole number"),
    (["fig1a", "--neurons", "100"], "too few for fig1a: from 126 on there is a batch of samples"),
    (["fig1a", "--neurons", "100000000"], "GB are free:"),
    (["fig1a", "--replicas", "1"], "--replicas 1 has no error bars; 2 or more have"),
    (["fig1a", "--replicas", "-2"], "'-2' is no positive whole number"),
    (["fig1a", "--seed", "x"], "'x' is no whole number"),
    (["fig1a", "--device", "tpu"], "invalid choice: 'tpu' (choose from"),
    (["fig1a", "--device", "cuda"], "device 'cuda' is not available here; 'cpu' is"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG)
def test_a_wrong_request_is_one_line_and_status_2(
    made: list[Any],
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    argv: list[str],
    said: str,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    Path("folder.png").mkdir()
    Path("data.json").mkdir()
    assert figures.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("bntheory figures: ")
    assert err.count("\n") == 1 and said in err and not made


def test_a_process_that_was_killed_is_said(
    made: list[Any], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any) -> None:
        raise WorkerLost

    monkeypatch.setattr(make, "make", lost)
    assert figures.main(["fig1a"]) == 2
    assert capsys.readouterr().err == (
        "bntheory figures: a process was ended, for want of memory or by someone\n"
    )


@pytest.mark.parametrize("library", ["torch", "matplotlib", "tqdm"])
def test_a_library_that_is_missing_is_named(library: str, tmp_path: Path) -> None:
    code = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from bntheory.figures import main; sys.exit(main(['fig1a']))"
    )
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, env=known, check=False
    )
    assert done.returncode == 2 and done.stdout == b"" and done.stderr.count(b"\n") == 1
    assert f"drawing needs {library}: pip install 'bntheory[torch,figures]'" in str(done.stderr)


def test_the_list(capsys: Capture) -> None:
    assert cli.main(["figures", "--list"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == [
        *panels.available(),
        *experiments.available(),
        *figures.STABILITY,
    ]
    assert max(map(len, rows)) <= 88 and "ReLU student" in rows[1]


@pytest.mark.parametrize("option", ["--list", "--help", "--version"])
def test_quick_answers(option: str) -> None:
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    seconds = []
    for _ in range(3):
        started = children.seconds()
        done = subprocess.run(
            [sys.executable, "-m", "bntheory.figures", option],
            capture_output=True, env=known, check=False,
        )  # fmt: skip
        seconds.append(children.seconds() - started)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout
    assert min(seconds) < 20 * children.bare()


def test_quick_answers_load_nothing_heavy() -> None:
    code = (
        "import sys, bntheory.figures\n"
        "for argv in (['--list'], ['--help'], ['--version'], ['fig9'], ['fig1a', '--output=x'],\n"
        "             ['fig2ab', '--output=x']):\n"
        "    bntheory.figures.main(argv)\n"
        "heavy = {'torch', 'matplotlib', 'numpy', 'scipy', 'sympy', 'xarray', 'tqdm'}\n"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0
