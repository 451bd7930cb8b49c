"""How often something is wrong: rates, their intervals, and errors that they give away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binomtest, norm

from bntheory.rendering.sweep import data, render
from bntheory.sweeps import rates
from bntheory.sweeps.axes import Axis
from bntheory.sweeps.dataset import Dataset, read
from bntheory.sweeps.task import Failed
from bntheory.verdict import Validation, Z, decide

SEEDS, CHECKS = 400, 6
KEYS = (
    "id axes tasks done failed checks refuted not_confirmed misses dataset seed neurons device "
    "versions seconds"
).split()


@pytest.mark.parametrize("hits", [0, 1, 7, 100, 199, 200])
def test_independent_cases_have_the_interval_of_clopper_and_pearson(hits: int) -> None:
    happened = np.arange(200)[:, None] < hits
    found = rates.rate(happened, np.ones((200, 1), dtype=bool))
    known = binomtest(hits, 200).proportion_ci(rates.CONFIDENCE, "exact")
    assert (found.count, found.of) == (hits, 200)
    assert found.interval == pytest.approx((known.low, known.high), abs=1e-12)


@pytest.mark.parametrize("alike", [1, 5])
def test_cases_that_are_alike_count_as_one(alike: int) -> None:
    rng = np.random.default_rng(3)
    once = rng.random((200, 1)) < 0.2
    many = np.repeat(once, alike, axis=1)
    found = rates.rate(many, np.ones_like(many))
    known = rates.rate(once, np.ones_like(once))
    assert found.interval == pytest.approx(known.interval, rel=5e-3)
    assert found.of == alike * known.of


def test_intervals_of_correlated_cases_hold_the_truth() -> None:
    """At 95 of 100, where half of what decides about the checks of a seed is the same for all."""
    rng, truth, held = np.random.default_rng(1), norm.sf(1.0), 0
    for _ in range(400):
        shared = rng.standard_normal((100, 1))
        drawn = (shared + rng.standard_normal((100, CHECKS))) / 2**0.5
        found = rates.rate(drawn > 1.0, np.ones_like(drawn, dtype=bool))
        assert found.interval is not None
        held += found.interval[0] <= truth <= found.interval[1]
    assert binomtest(held, 400, 0.95, alternative="less").pvalue > 1e-3 and held < 400


def test_two_seeds_say_next_to_nothing() -> None:
    """However many checks they have, and however alike they are."""
    half = np.repeat([[True, False]], 2, axis=0).repeat(50, axis=1)
    found = rates.rate(half, np.ones_like(half)).interval
    assert found is not None and found[0] < 0.1 and found[1] > 0.9


def test_without_two_seeds_there_is_no_interval() -> None:
    assert rates.rate(np.ones((1, 9), dtype=bool), np.ones((1, 9), dtype=bool)).interval is None
    nothing = rates.rate(np.zeros((5, 2), dtype=bool), np.zeros((5, 2), dtype=bool))
    assert nothing.interval is None and nothing.of == 0 and np.isnan(nothing.value)


def found(bias: float = 0.0, error: float = 1.0, margin: float = 10.0) -> xr.Dataset:
    """Return a sweep of normal values, with standard errors that are off by a factor."""
    rng = np.random.default_rng(7)
    off = rng.standard_normal((SEEDS, CHECKS)) + bias
    verdicts = np.array([decide(x, error, margin) for x in off.flat]).reshape(off.shape)
    dims = ("seed", "check")
    names = ("system", "quantity", "form")
    texts = [["s"] * CHECKS, [f"q{k}" for k in range(CHECKS)], ["derived"] * CHECKS]
    return xr.Dataset(
        {
            "measured": (dims, 3 + off),
            "predicted": (dims, np.full_like(off, 3.0)),
            "standard_error": (dims, np.full_like(off, error)),
            "verdict": (dims, verdicts),
            "state": ("seed", np.full(SEEDS, "done")),
        },
        {name: ("check", text) for name, text in zip(names, texts, strict=True)},
    )


def unexpected(sweep: xr.Dataset) -> list[float]:
    """Return the widths at which intervals miss at another rate than they should."""
    return [
        each.width
        for each in rates.misses(sweep)
        if not each.rate.interval[0] <= each.expected <= each.rate.interval[1]  # type: ignore[index]
    ]


def test_right_intervals_miss_as_often_as_they_should() -> None:
    known = rates.misses(found())
    assert [each.width for each in known] == [1, 2, 3, Z] and not unexpected(found())
    assert known[1].expected == pytest.approx(0.0455, abs=1e-4)
    assert all(each.rate.of == SEEDS * CHECKS for each in known)


@pytest.mark.parametrize("wrong", [{"error": 0.8}, {"error": 1.25}, {"bias": 0.5}])
def test_wrong_errors_and_a_bias_are_given_away(wrong: dict[str, float]) -> None:
    assert {1, 2} <= {*unexpected(found(**wrong))}
    standing = rates.standings(found(**wrong))[0]
    mean, deviation = wrong.get("bias", 0.0), 1 / wrong.get("error", 1.0)
    assert standing.mean == pytest.approx(mean, abs=4 * deviation / SEEDS**0.5)
    assert standing.deviation == pytest.approx(deviation, abs=3 * deviation / SEEDS**0.5)


def test_verdicts_are_counted() -> None:
    sweep = found(margin=3.0)  # nothing is confirmed: an interval is wider
    assert rates.refuted(sweep).count == 0
    assert rates.not_confirmed(sweep).count == SEEDS * CHECKS
    far = found(bias=20.0)
    assert rates.refuted(far).count == sum(s.verdicts["refuted"] for s in rates.standings(far))
    assert rates.refuted(far).value > 0.99


def test_what_is_not_done_and_what_is_printed_is_not_counted() -> None:
    sweep = found(bias=20.0)
    sweep.state[:100] = "todo"
    sweep["form"] = "check", ["derived"] * 2 + ["printed"] * 4
    assert rates.refuted(sweep).of == rates.misses(sweep)[0].rate.of == (SEEDS - 100) * 2
    assert sum(rates.standings(sweep)[5].verdicts.values()) == SEEDS - 100


def test_other_axes_are_of_the_same_seed() -> None:
    """Points of one seed have the same random numbers: ten of them say no more than one."""
    one = found(bias=0.7)
    ten = xr.concat([one] * 10, dim="eta", coords="minimal", compat="override", join="override")
    ten["state"] = ten.state if "eta" in ten.state.dims else ten.state.expand_dims(eta=10)
    narrow, wide = (rates.misses(each)[0].rate for each in (one, ten))
    assert wide.of == 10 * narrow.of and wide.interval == pytest.approx(narrow.interval, rel=1e-2)


# -- how it is said ------------------------------------------------------------------------------


def test_summary(tmp_path: Path, head: dict[str, Any], outcome: Callable[..., Validation]) -> None:
    path, axes = tmp_path / "a.zarr", (Axis("eta", (0.5,)), Axis("seed", (1, 2, 3)))
    with Dataset.of(path, head, axes) as written:
        written.write((0, 0), outcome(0.25, 0.75))
        written.write((0, 1), outcome(0.05, 2.0))
        written.write((0, 2), Failed("Traceback\nValueError: why"))
    known = data(read(path), path)
    assert [*known] == KEYS
    assert known["axes"] == {"eta": [0.5], "seed": [1, 2, 3]} and known["tasks"] == 3
    assert known["failed"] == [{"point": {"eta": 0.5, "seed": 3}, "reason": "ValueError: why"}]
    assert known["refuted"]["count"] == 1 and known["refuted"]["of"] == 4
    assert known["not_confirmed"]["count"] == 2
    assert [each["count"] for each in known["misses"]] == [3, 3, 2, 2]
    assert known["checks"][0]["confirmed"] == 2 and known["checks"][1]["refuted"] == 1
    text = render(read(path), path)
    assert text.startswith("thm1 over eta = 0.5; seed = 1, 2, 3: 2 of 3 tasks done, 1 failed.")
    assert "Failed at eta = 0.5, seed = 3: ValueError: why" in text and str(path) in text
    assert max(map(len, text.splitlines())) <= 98


def test_a_sweep_without_results(tmp_path: Path, head: dict[str, Any]) -> None:
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, (Axis("seed", (1, 2)),)):
        pass
    assert data(read(path), path)["checks"] == [] and "0 of 2 tasks" in render(read(path), path)
