"""Claims about trained networks in the audit, from files that are made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bntheory import audit

CIFAR = "CIFAR-10, 25,000 of 50,000 training images"
REMOVAL = "BN has less validation loss than WN + mean-only BN."


def left(folder: Path, figure: str, *verdicts: str, **more: Any) -> None:
    """Write what a figure leaves; the first claim is the one about the removal of statistics."""
    texts = (REMOVAL, "BN has less validation loss than WN.", "It is so.")
    claims = [
        {"claim": text, "form": "printed", "verdict": verdict}
        for text, verdict in zip(texts, verdicts, strict=False)
    ]
    found = {"id": figure, "data": CIFAR, "epochs": 7, "settings": {"width": None}}
    found |= {"claims": claims} | more
    (folder / f"{figure}.json").write_text(json.dumps(found), encoding="utf-8")


def row(capsys: pytest.CaptureFixture[str], folder: Path, id: str = "fig2cd") -> dict[str, Any]:
    argv = [id, "--no-simulation", "--experiments", str(folder), "--format", "json"]
    assert audit.main(argv) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["rows"][0]
    return found


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("confirmed", "confirmed"), "holds"),
        (("confirmed", "refuted"), "holds-approximately"),
        (("refuted", "refuted"), "fails"),
        (("confirmed", "refuted", "inconclusive"), "open"),
        ((), "open"),
    ],
)
def test_the_verdict_is_that_of_the_claims(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verdicts: tuple[str, ...], verdict: str
) -> None:
    left(tmp_path, "fig2cd", *verdicts)
    found = row(capsys, tmp_path)
    assert found["verdict"] == verdict
    assert [each["verdict"] for each in found["evidence"]] == list(verdicts)
    assert found["because"].startswith(f"After 7 epochs on {CIFAR}, of {len(verdicts)} claims ")


def test_a_statement_in_words_has_its_own_claims_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left(tmp_path, "fig2cd", "confirmed", "inconclusive")
    assert row(capsys, tmp_path)["verdict"] == "open"
    found = row(capsys, tmp_path, "sec2-removal")
    assert found["verdict"] == "holds"
    assert [each["claim"] for each in found["evidence"]] == [REMOVAL]


def test_without_networks_it_says_how_to_train_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["fig2cd", "recipe", "--no-simulation", "--format", "json"]) == 0
    figure, recipe = json.loads(capsys.readouterr().out)["rows"]
    assert figure["verdict"] == recipe["verdict"] == "open"
    assert "bntheory.figures fig2cd" in figure["because"]
    assert "claims nothing" in recipe["because"]


def test_a_folder_without_figures_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left(tmp_path, "fig2cd", "confirmed")
    assert audit.main(["fig3", "--no-simulation", "--experiments", str(tmp_path)]) == 2
    assert "has no figure, such as fig2ab.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"data": "scikit-learn's digits"}, "the paper speaks of CIFAR-10 and ImageNet"),
        ({"settings": {"width": 8}}, "was made with --width 8: the paper speaks of other networks"),
        ({"id": "fig3"}, "is of fig3, not of fig2cd"),
        ({"claims": [{}]}, "is not what a figure leaves: it has no 'claim'"),
        ({"epochs": None}, "is not what a figure leaves"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: dict[str, Any], said: str
) -> None:
    left(tmp_path, "fig2cd", "confirmed", **more)
    assert audit.main(["fig2cd", "--no-simulation", "--experiments", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert audit.main(["fig2cd", "--experiments", str(tmp_path / "none")]) == 2
