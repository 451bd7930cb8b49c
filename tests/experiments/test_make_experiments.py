"""Each figure from an empty folder to its picture, by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from test_images import cifar

from bntheory import figures
from bntheory.experiments import available, make
from bntheory.workers import WorkerLost

Capture = pytest.CaptureFixture[str]
SMALL = ["--images", "64", "--replicas", "2", "--seed", "5"]
TWO = [*SMALL, "--epochs", "2"]
KEYS = "id title data settings recipe device machine processes versions epochs runs claims".split()


def data(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("id", available())
def test_each_figure(id: str, short: list[Any], capsys: Capture) -> None:
    assert figures.main([id, *TWO]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found = data(f"{id}.json")
    assert list(found) == KEYS and found["id"] == id and found["epochs"] == 2
    assert found["data"] == "scikit-learn's digits, 64 training images"
    assert len(found["runs"]) == len(short) and {run["seed"] for run in found["runs"]} == {5, 6}
    for run in found["runs"]:
        assert [line["epoch"] for line in run["lines"]] == [0, 1, 2]
        assert run["lines"][-1]["validation"] > 0
    rows = out.splitlines()
    assert rows[0] == f"{id}.png, with its data in {id}.json"
    assert len(rows) == 1 + len(found["claims"]) and len(rows) > 5
    for row, claim in zip(rows[1:], found["claims"], strict=True):
        assert row.split()[:2] == [claim["verdict"], claim["form"]] and claim["claim"] in row
    assert Path(f"{id}.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in Path().iterdir()} == {f"{id}.png", f"{id}.json", f"{id}.runs"}
    assert not list(Path(f"{id}.runs").glob("*.pt"))


def test_a_process_that_was_killed_is_said(
    short: list[Any], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(work: Any, jobs: Any) -> Any:
        for job in jobs[:3]:
            yield job, work(job)
        raise WorkerLost

    monkeypatch.setattr(make, "side_by_side", lost)
    assert figures.main(["fig4", *SMALL]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "fig4.runs has 3 of 4 trainings; the same command goes on there",
        "bntheory figures: a process was ended, for want of memory or by someone",
    ]


def test_it_goes_on(short: list[Any], capsys: Capture) -> None:
    assert figures.main(["fig4", *SMALL]) == 0
    before = data("fig4.json")
    assert len(short) == 4
    Path("fig4.runs/kept-seed6.jsonl").unlink()
    assert figures.main(["fig4", *SMALL]) == 0
    assert capsys.readouterr().err == "fig4.runs has 3 of 4 trainings\n"
    after = data("fig4.json")
    for found in (before, after):
        for run in found["runs"]:
            for line in run["lines"]:
                line.pop("seconds", None)
    assert before == after
    for other, said in (
        (["--seed", "6"], "settings"),
        (["--images", "80"], "data"),
        (["--epochs", "3"], "settings"),
    ):  # fmt: skip
        assert figures.main(["fig4", *SMALL, *other]) == 2
        assert f"'fig4.json' was made with other {said}; move it away" in capsys.readouterr().err
    Path("fig4.json").write_text("{}")
    assert figures.main(["fig4", *SMALL]) == 2
    assert "is damaged, or not the data of a figure" in capsys.readouterr().err


def test_real_images_and_a_budget(short: list[Any], capsys: Capture, tmp_path: Path) -> None:
    cifar(tmp_path / "data", {1: 40, 3: 40})
    argv = ["fig4", "--data", "data", "--replicas", "2", "--budget", "60", "--output", "a.svg"]
    assert figures.main(argv) == 0
    assert capsys.readouterr().err == "2 epochs of 2 for a budget of 60 min\n"
    text = Path("a.svg").read_text()
    assert "<svg" in text
    assert data("a.json")["data"] == "CIFAR-10, 80 of 50,000 training images"
    assert data("a.json")["settings"]["budget"] == 60
    assert (
        figures.main(
            ["fig4", "--data", "data", "--replicas", "2", "--budget", "0.0001", "--output", "b.png"]
        )
        == 2
    )
    assert "no room for one epoch of 4 trainings" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("id", "argv", "said"),
    [
        ("fig2ab", ["--images", "32"], "with M = 32 there is one step, and the rate begins"),
        ("fig4", [], "fig4 merges after two thirds of the epochs, and needs 2 or more"),
    ],
)
def test_too_little_to_train_with(
    short: list[Any], capsys: Capture, id: str, argv: list[str], said: str
) -> None:
    assert figures.main([id, *SMALL, "--epochs", "1", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and said in err and not list(Path().iterdir())


def test_a_folder_of_runs_that_cannot_be_made(short: list[Any], capsys: Capture) -> None:
    Path("fig4.runs").touch()
    assert figures.main(["fig4", *SMALL]) == 2
    assert capsys.readouterr().err == (
        "bntheory figures: cannot write to 'fig4.runs': File exists\n"
    )


def test_any_seed(short: list[Any], capsys: Capture) -> None:
    assert figures.main(["fig4", *SMALL, "--seed", str(-(10**30)), "--replicas", "1"]) == 0
    assert "inconclusive" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--data", "nowhere"], "there is no folder"),
        (["--data", "."], "has no data set; expected are data_batch_1.bin"),
        (["--images", "10000"], "there are 1,000 training images and not 10,000"),
        (["--images", "20"], "a step takes 32 images, and there are 20 for training"),
        (["--budget", "0"], "'0' is no positive number of minutes"),
        (["--budget", "x"], "'x' is no positive number of minutes"),
        (["--budget", "1", "--epochs", "1"], "--budget finds the number of epochs"),
        (["--neurons", "9"], "--neurons is not for fig2ab, but for fig1a, fig1b"),
    ],
)
def test_a_wrong_request_is_one_line_and_status_2(
    short: list[Any], capsys: Capture, argv: list[str], said: str
) -> None:
    assert figures.main(["fig2ab", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and said in err
    assert not list(Path().iterdir())
