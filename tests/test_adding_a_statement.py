"""A statement of another paper is two new files, and nothing else is edited."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import derivations
import validation
from bntheory.paper import BY_ID, Statement
from bntheory.paper.files import listing, statements_in
from bntheory.paper.sources import short

DERIVATION = '''"""The fourth moment of a Gaussian, by Stein's lemma [stein1981]."""

import sympy as sp

from bntheory.notation import E_data, SYMBOLS
from bntheory.paper import Statement
from bntheory.proof import Proof

STATEMENT = Statement(
    "made-up",
    "the fourth moment of a Gaussian",
    "a made-up place",
    ("Eq(E_data(z**4), 3*Symbol('H', positive=True)**2)",),
    ("z ~ N(0, H)",),
    "Nobody has printed this.",
    source="stein1981",
)
z, H = SYMBOLS["z"], sp.Symbol("H", positive=True)


def derive(activation=None):
    d = Proof(STATEMENT, activation)
    d.assume("z ~ N(0, H)")
    density = sp.exp(-(z**2) / (2 * H)) / sp.sqrt(2 * sp.pi * H)
    moment = d.integrate("Twice that of z > 0", 2 * z**4 * density, z, E_data(z**4))
    return d.conclude({E_data(z**4): moment}, fourth_moment=moment)
'''
VALIDATION = '''"""The fourth moment of a Gaussian.

A million of them are drawn.
"""

import torch

import derivations
from validation.judging import average, judged


def validate(run):
    moment = derivations.derive("made-up")["fourth_moment"]
    for H in (0.5, 2.0):
        drawn = torch.randn(10**6, generator=run.generator(f"made-up {H}"), dtype=torch.float64)
        predicted = float(moment.subs("H", H).subs(next(iter(moment.free_symbols)), H))
        found = average(drawn**4 * H**2)
        yield from judged(f"H = {H}", "E[z^4]", found, 0.05 * predicted, predicted, predicted)
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the two packages and one new file in each."""
    for package, text in ((derivations, DERIVATION), (validation, VALIDATION)):
        (folder,) = package.__path__
        copy = tmp_path / package.__name__
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "made_up.py").write_text(text)
    return tmp_path


def bntheory(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bntheory", *arguments], cwd=folder, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


PLACE = "Stein 1981, a made-up place"


def test_two_new_files_are_enough(checkout: Path) -> None:
    for command in ("derive", "validate"):
        listed = " ".join(bntheory(checkout, command, "--list").split())
        assert f"* made-up the fourth moment of a Gaussian ({PLACE})" in listed

    text = bntheory(checkout, "derive", "made-up")
    for part in (f"made-up: {PLACE}", "Nobody has printed this.", "Print and derivation agree"):
        assert part in text
    found = json.loads(bntheory(checkout, "derive", "made-up", "--format", "json"))
    assert found["passed"] and found["printed"]["agrees"]
    assert (found["title"], found["where"]) == ("the fourth moment of a Gaussian", PLACE)

    found = json.loads(bntheory(checkout, "validate", "made-up", "--format", "json"))
    assert (found["verdict"], found["printed_verdict"]) == ("confirmed", "confirmed")
    assert [check["predicted"] for check in found["checks"]] == [0.75, 0.75, 12.0, 12.0]

    state = ("--state", str(checkout / "state"))
    done = subprocess.run(
        [sys.executable, "-m", "bntheory", "audit", "made-up", "--format", "json", *state],
        cwd=checkout, capture_output=True, text=True,
    )  # fmt: skip
    (row,) = json.loads(done.stdout)["rows"]
    assert (done.returncode, row["verdict"], row["where"]) == (0, "holds", PLACE)
    assert f"<p class=\"subtitle\">{PLACE}" in bntheory(
        checkout, "audit", "made-up", "--format", "html", *state
    )


def test_a_wrong_print_is_found_out(checkout: Path) -> None:
    path = checkout / "derivations" / "made_up.py"
    path.write_text(DERIVATION.replace("3*Symbol", "2*Symbol"))
    text = bntheory(checkout, "derive", "made-up")
    assert "Print and derivation differ." in text
    (row,) = json.loads(
        bntheory(checkout, "audit", "made-up", "--no-simulation", "--format", "json")
    )["rows"]
    assert row["verdict"] == "open" and "is not what is derived" in row["because"]


def test_a_wrong_derivation_fails(checkout: Path) -> None:
    path = checkout / "derivations" / "made_up.py"
    path.write_text(DERIVATION.replace("2 * z**4 * density", "z**4 * density"))
    done = subprocess.run(
        [sys.executable, "-m", "bntheory", "validate", "made-up"],
        cwd=checkout, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and "REFUTED: E[z^4], H = 0.5" in done.stderr


def test_of_another_paper_everything_is_listed_where_it_belongs() -> None:
    assert derivations.find("WN-Range").place.startswith("Yoshida et al. 2017, ")
    lines = list(listing(derivations.available(), BY_ID, "derived"))
    assert lines[-1].endswith("and App. C.7)")
    assert all(BY_ID[id].place == BY_ID[id].where for id in BY_ID)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("STATEMENT = Statement('other', 'a', 'b')", "declares 'other', and its name says 'new'"),
        ("STATEMENT = Statement('new', 'a' * 2, 'b')", "has to be made of literals"),
        ("STATEMENT = Statement('new', 'a', 'b', place='c')", "has to be made of literals"),
        ("STATEMENT = make()\nOTHER = Statement('new', 'a', 'b')", "it needs a STATEMENT"),
        ("", "it needs a STATEMENT"),
    ],
)
def test_a_file_that_does_not_say_of_what_it_is(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "new.py").write_text(f"{text}\n\ndef derive(activation=None): ...\n")
    with pytest.raises(ValueError, match=message):
        statements_in([str(tmp_path)], "derive", {})


def test_a_declaration_is_read_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text(
        "raise SystemExit\nSTATEMENT = Statement('new', 'a', 'b' 'c', ('Eq(h, 1)',))\n"
        "\ndef derive(activation=None): ...\n"
    )
    (tmp_path / "helper.py").write_text("raise SystemExit\n")
    found = statements_in([str(tmp_path)], "derive", {})
    assert found == {"new": Statement("new", "a", "bc", ("Eq(h, 1)",))}


def test_what_the_literature_is_called() -> None:
    assert short("luo2019") == "Luo et al. 2019"
    assert short("numpy") == "Harris et al. 2020"
    assert short("salimans2016") == "Salimans and Kingma 2016"
    assert short("marchenko1967") == "Marčenko and Pastur 1967"
    with pytest.raises(KeyError, match="nobody"):
        short("nobody")
