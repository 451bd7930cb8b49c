"""Figures from beginning to end, and after an interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from shortening import shortened

import bntheory
from bntheory import figures, panels
from bntheory.panels import make
from bntheory.panels.panel import Panel
from bntheory.panels.points import Training

HERE = Path(__file__).parent
ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]
SMALL = ["--neurons", "32", "--replicas", "2"]
KEYS = "id title settings device versions points curves claims".split()


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def data(path: str = "fig1a.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("id", ["fig1a", "fig1b"])
def test_the_data_beside_the_figure(
    id: str, short: dict[str, Panel], trained: list[Training], capsys: Capture
) -> None:
    assert figures.main([id, *SMALL]) == 0
    assert capsys.readouterr().err == ""
    found = data(f"{id}.json")
    assert list(found) == KEYS and found["id"] == id and found["device"] == "cpu"
    assert found["settings"] == {"neurons": 32, "replicas": 2, "seed": 2019}
    assert [curve["id"] for curve in found["curves"]] == [curve.id for curve in short[id].curves]
    for curve in found["curves"]:
        assert curve["source"] and len(curve["alpha"]) == len(curve["error"]) > 100
    epochs = [(point["label"], point["epoch"]) for point in found["points"]]
    wanted = [(method.label, time) for method in short[id].methods for time in method.epochs]
    assert sorted(epochs) == sorted(wanted)
    for point in found["points"]:
        assert point["error"] > 0 < point["standard_error"] and point["replicas"] == 2
        assert {"label", "settings", "alpha", "epoch"} < set(point)
    assert [claim["claim"] for claim in found["claims"]] == [c.text for c in short[id].claims]
    for claim in found["claims"]:
        assert claim["verdict"] in ("confirmed", "refuted", "inconclusive") and claim["loads"]


@pytest.mark.parametrize("extension", ["png", "svg", "PDF"])
def test_formats(
    extension: str, short: dict[str, Panel], trained: list[Training], tmp_path: Path
) -> None:
    assert figures.main(["fig1a", *SMALL, "--output", f"a.b.{extension}"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {f"a.b.{extension}", "a.b.json"}


def test_the_same_seed_gives_the_same_data(
    short: dict[str, Panel], trained: list[Training]
) -> None:
    found = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        argv = ["fig1a", *SMALL, "--seed", seed, "--output", f"{name}.png"]
        assert figures.main(argv) == 0
        found.append(data(f"{name}.json")["points"])
    assert found[0] == found[1] != found[2]
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_points_are_not_made_twice(
    short: dict[str, Panel], trained: list[Training], capsys: Capture
) -> None:
    assert figures.main(["fig1a", *SMALL]) == 0
    first, picture = Path("fig1a.json").read_bytes(), Path("fig1a.png").read_bytes()
    Path("fig1a.png").unlink()
    trained.clear()
    capsys.readouterr()
    assert figures.main(["fig1a", *SMALL]) == 0 and not trained
    assert capsys.readouterr().err == "fig1a.json has 3 of 3 trainings already\n"
    assert (Path("fig1a.json").read_bytes(), Path("fig1a.png").read_bytes()) == (first, picture)


def test_what_was_planned_otherwise_is_made_anew(
    short: dict[str, Panel], trained: list[Training]
) -> None:
    assert figures.main(["fig1a", *SMALL]) == 0
    trained.clear()
    methods = tuple(replace(method, zeta=method.zeta / 2) for method in short["fig1a"].methods)
    short["fig1a"] = replace(short["fig1a"], methods=methods)
    assert figures.main(["fig1a", *SMALL]) == 0
    assert [training.id for training in trained] == ["wn"] and len(data()["points"]) == 5


def test_the_data_of_other_settings_are_left_alone(
    short: dict[str, Panel], trained: list[Training], capsys: Capture
) -> None:
    assert figures.main(["fig1a", *SMALL]) == 0
    trained.clear()
    before = Path("fig1a.json").read_bytes()
    assert figures.main(["fig1a", *SMALL, "--seed", "1"]) == 2 and not trained
    err = capsys.readouterr().err
    assert err.startswith("bntheory figures: 'fig1a.json' was made with other settings; move it")
    assert err.count("\n") == 1 and Path("fig1a.json").read_bytes() == before


def test_a_file_of_someone_else_is_left_alone(
    short: dict[str, Panel], trained: list[Training], capsys: Capture
) -> None:
    Path("fig1a.json").write_text("{}")
    assert figures.main(["fig1a", *SMALL]) == 2 and not trained
    err = capsys.readouterr().err
    assert err.startswith("bntheory figures: 'fig1a.json' is damaged, or not the data of a figure")
    assert err.count("\n") == 1 and Path("fig1a.json").read_text() == "{}"


def test_after_an_interruption_the_same_command_goes_on(
    short: dict[str, Panel],
    trained: list[Training],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    whole: Callable[..., Iterator[Any]] = make.measured

    def interrupted(missing: list[Training]) -> Iterator[Any]:
        yield next(iter(whole(missing)))
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "measured", interrupted)
    assert figures.main(["fig1a", *SMALL]) == 130
    so_far = "fig1a.json has 1 of 3 trainings; the same command goes on there"
    said = f"bntheory figures: interrupted: {so_far}\n"
    assert capsys.readouterr().err == said and not Path("fig1a.png").exists()
    monkeypatch.setattr(make, "measured", whole)
    assert figures.main(["fig1a", *SMALL]) == 0
    assert [training.id for training in trained] == ["bn", "sgd", "wn"]


# -- signals: a shell runs the command, and vanilla SGD never comes to its end -------------------

ENDLESS = f"""
import sys
sys.path.insert(0, {str(HERE)!r})
from dataclasses import replace
from shortening import shortened
from bntheory.panels import fig1a
panel = shortened(fig1a.PANEL)
long = [replace(m, epochs=(10**9,)) if m.id == "sgd" else m for m in panel.methods]
fig1a.PANEL = replace(panel, methods=tuple(long))
from bntheory.figures import main
sys.exit(main(["fig1a", *{SMALL}]))
"""


def running(processes: int) -> bool:
    """Whether there are processes in a group."""
    try:
        os.killpg(processes, 0)
    except ProcessLookupError:
        return False
    return True


def until(happened: Callable[[], bool], seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not happened():
        assert monotonic() < end
        sleep(0.05)


@pytest.mark.skipif(os.name != "posix", reason="groups of processes")
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed"])
def test_signals(kill: signal.Signals, trained: list[Training], short: dict[str, Panel]) -> None:
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = subprocess.Popen(
        [sys.executable, "-c", ENDLESS], env=known, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        until(lambda: Path("fig1a.json").exists() and len(data()["points"]) == 4)
        if kill == signal.SIGINT:
            os.killpg(command.pid, kill)  # as a terminal does
        else:
            command.kill()
        _, err = command.communicate(timeout=30)
        until(lambda: not running(command.pid), 20)
    finally:
        if running(command.pid):
            os.killpg(command.pid, signal.SIGKILL)
    if kill == signal.SIGINT:
        assert command.returncode == 130
        so_far = b"fig1a.json has 2 of 3 trainings; the same command goes on there"
        assert err == b"bntheory figures: interrupted: " + so_far + b"\n"
    assert figures.main(["fig1a", *SMALL]) == 0
    assert [training.id for training in trained] == ["sgd"] and len(data()["points"]) == 5


def test_short_panels_are_panels() -> None:
    for id in panels.available():
        assert len(shortened(panels.find(id)).claims) == len(panels.find(id).claims)
