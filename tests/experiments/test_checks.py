"""Verdicts against scipy's t-test, and slopes against what they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_1samp
from small_recipe import RECIPE

from bntheory.experiments import available, fig2ef, fig4, find
from bntheory.experiments.checks import RISK, compare, decide, nearer
from bntheory.experiments.fig4 import merge
from bntheory.experiments.recipe import CIFAR, DIGITS
from bntheory.experiments.results import Results


@pytest.mark.parametrize("seed", range(30))
def test_verdicts_are_those_of_a_t_test(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(rng.normal(), 1, rng.integers(2, 6))
    interval = ttest_1samp(values, 0).confidence_interval(1 - RISK)
    found = decide("It is.", "printed", values)
    wanted = "confirmed" if interval.low > 0 else "refuted" if interval.high < 0 else "inconclusive"
    assert found["verdict"] == wanted
    assert found["difference"] == pytest.approx(values.mean())
    within = decide("It is near.", "printed", values, margin=1.0)["verdict"]
    assert (within == "confirmed") == (-1 < interval.low and interval.high < 1)
    assert (within == "refuted") == (interval.low > 1 or interval.high < -1)


def results(**ends: list[float | None]) -> Results:
    """Return results whose validation loss ends so, None where it diverged."""
    lines: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for name, values in ends.items():
        for seed, value in enumerate(values):
            end = (
                {"epoch": 2, "diverged": True}
                if value is None
                else {"epoch": 2, "validation": value, "fitted": 1.0}
            )
            lines[name, seed] = [
                {"epoch": 0, "validation": 9.0, "fitted": 8.0},
                {"epoch": 1, "train": 3.0},
                end,
            ]
    return Results((), tuple(range(len(next(iter(ends.values()))))), lines)


def test_comparisons_are_of_the_same_seed() -> None:
    known = results(a=[1.0, 2.0, 3.0], b=[1.1, 2.1, 3.11])
    assert compare(known, "", "validation", "a", "below", "b")["verdict"] == "confirmed"
    assert compare(known, "", "validation", "a", "above", "b")["verdict"] == "refuted"
    assert compare(known, "", "validation", "a", "on", "b", 0.2)["verdict"] == "confirmed"
    assert compare(known, "", "validation", "a", "on", "b", 0.01)["verdict"] == "refuted"
    far = results(a=[1.0, 1.0, 1.0], b=[1.3, 1.31, 1.29], c=[0.9, 0.91, 0.9])
    assert nearer(far, "", "validation", "a", "c", "b")["verdict"] == "confirmed"
    assert nearer(far, "", "validation", "a", "b", "c")["verdict"] == "refuted"


def test_what_diverged_decides_nothing() -> None:
    known = results(a=[1.0, None], b=[2.0, 3.0])
    found = compare(known, "", "validation", "a", "below", "b")
    assert found["verdict"] == "inconclusive" and found["difference"] is None
    assert decide("", "printed", np.array([1.0]))["verdict"] == "inconclusive"  # one seed


def test_curves() -> None:
    known = results(a=[1.0, None])
    epochs, values = known.curve("a", "validation")
    assert epochs.tolist() == [0, 2] and values[0].tolist() == [9.0, 1.0]
    assert values[1, 0] == 9.0 and np.isnan(values[1, 1])
    assert known.curve("a", "gap")[1][0].tolist() == [1.0, 0.0]
    assert known.at("a", "validation", 0).tolist() == [9.0, 9.0]
    assert np.isnan(known.at("a", "validation", 1)).all()


def one_layer(true: float, own: float, paper: float, noise: float = 1e-4) -> list[dict[str, Any]]:
    """Return the checks of Figure 2(e,f) where gamma^2 is 1 - c/M, with the c's given."""
    lines = {}
    rng = np.random.default_rng(0)
    slopes = {"bn": true, "pn": 0.0, "own-batch": own, "paper": paper}
    for kind, slope in slopes.items():
        for M in RECIPE.batches:
            for seed in (0, 1, 2):
                end = {
                    "epoch": 1,
                    "gamma_squared": {"1": 1 - slope / M + noise * rng.normal()},
                    "validation": 2 - slope / M,
                    "fitted": 1.0,
                }
                lines[fig2ef._id(kind, 0, M), seed] = [end]
    found = Results(fig2ef.methods(RECIPE), (0, 1, 2), lines)
    slope = fig2ef._slope(found, "bn", 0, RECIPE.batches, "gamma_squared.1")
    assert slope == pytest.approx(-true, abs=500 * noise)
    return list(map(dict, fig2ef.checks(found, RECIPE)))


def test_slopes() -> None:
    checked = one_layer(1.0, 1.1, 2.0)
    assert [claim["verdict"] for claim in checked] == [
        "confirmed",  # gamma^2 grows with M
        "confirmed",  # and so does the validation loss
        "confirmed",  # the own-batch decay predicts the slope
        "refuted",  # the paper's does not
        "confirmed",  # it is the nearer one
        "confirmed",  # for the gap, too
    ]
    other = [claim["verdict"] for claim in one_layer(-1.0, 2.0, -1.0)]
    assert other == ["refuted", "refuted", "refuted", "confirmed", "refuted", "refuted"]
    assert "inconclusive" in [claim["verdict"] for claim in one_layer(1.0, 1.1, 2.0, noise=0.1)]


@pytest.mark.parametrize(
    ("merged", "kept", "verdict"), [(0.1, 0.5, "refuted"), (0.5, 0.1, "confirmed")]
)
def test_kernels_that_grow_with_normalization_too(merged: float, kept: float, verdict: str) -> None:
    """The rise itself is what the paper prints; that it needs the merge is another claim."""
    lines = {}
    for method, rise in {"merged": merged, "kept": kept}.items():
        for seed in (0, 1, 2):
            norms = [1.0 + seed, 1.0 + seed + rise * (1 + 0.01 * seed)]
            lines[method, seed] = [
                {"epoch": epoch, "train": 1.0, "validation": 1.0, "fitted": 1.0,
                 "norms": {str(place): norm for place in fig4.KERNELS}}
                for epoch, norm in zip((2, 3), norms, strict=True)
            ]  # fmt: skip
    *_, of_itself, _, more = fig4.checks(Results((), (0, 1, 2), lines), RECIPE)
    assert of_itself["claim"].startswith("The norm of kernel 4 rises")
    assert (of_itself["verdict"], of_itself["form"]) == ("confirmed", "printed")
    assert (more["verdict"], more["form"]) == (verdict, "derived")
    assert more["difference"] == pytest.approx(4 * 1.01 * (merged - kept))


@pytest.mark.parametrize("id", available())
@pytest.mark.parametrize("recipe", [CIFAR, DIGITS])
def test_what_figures_name_is_there(id: str, recipe: Any) -> None:
    """Claims and panels are about methods that are trained; ids are files' names."""
    figure = find(id)
    methods = figure.methods(figure.change(recipe))
    names = [method.id for method in methods]
    assert len(set(names)) == len(names) and all(name.replace("-", "").isalnum() for name in names)
    end = {
        "epoch": 3, "train": 1.0, "validation": 1.0, "fitted": 1.0, "accuracy": 0.5,
        "gamma_squared": {place: 1.0 for place in fig2ef.PLACES.values()},
        "norms": {str(place): 1.0 for place in (0, 3, 6, 9)},
    }  # fmt: skip
    lines = {(m.id, s): [{**end, "epoch": 2}, end] for m in methods for s in (0, 1)}
    found = Results(methods, (0, 1), lines)
    checked = figure.checks(found, recipe)
    assert len({claim["claim"] for claim in checked}) == len(checked) >= 5
    for claim in checked:
        assert claim["seeds"] == 2 and claim["difference"] == pytest.approx(0, abs=1e-12)
    if id == "fig4":
        assert merge(found) == 2
