"""Trainings, and the points that are made of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from bntheory import panels, workers
from bntheory.panels.panel import Panel, Settings
from bntheory.panels.points import Training, measure, trainings
from bntheory.panels.workers import measured
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import draw
from bntheory.workers import WorkerLost

SETTINGS = Settings(neurons=32, replicas=3, seed=5, device="cpu")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def by_method(id: str, panel: Panel, settings: Settings = SETTINGS) -> dict[str, Training]:
    return {training.id: training for training in trainings(id, panel, settings)}


def test_every_method_is_trained_at_every_load() -> None:
    for id in panels.available():
        panel = panels.find(id)
        found = defaultdict(set)
        for training in trainings(id, panel, SETTINGS):
            found[training.id].add(training.alpha)
        assert found == {method.id: set(panel.loads) for method in panel.methods}


def test_a_point_is_the_mean_over_replicas_with_its_standard_error(short: dict[str, Panel]) -> None:
    """Descent goes on with NumPy, on the same samples, from zero weights."""
    training = by_method("fig1a", short["fig1a"])["sgd"]
    (point,) = measure(training)
    samples = draw(Run(5), "fig1a 0.5", N=32, alpha=0.5, S=0.25, replicas=3)
    errors = []
    for x, y, w_star in zip(*map(np.asarray, (samples.x, samples.y, samples.w_star)), strict=True):
        w = np.zeros(32)
        for _ in range(6):
            w -= training.eta * 2 / len(y) * (x.T @ (x @ w - y))
        errors.append(np.mean((w - w_star) ** 2))
    assert point["error"] == pytest.approx(np.mean(errors), rel=1e-10)
    assert point["standard_error"] == pytest.approx(np.std(errors, ddof=1) / 3**0.5, rel=1e-8)
    assert (point["epoch"], point["alpha"], point["replicas"]) == (6, 0.5, 3)


@pytest.mark.parametrize("id", ["fig1a", "fig1b"])
def test_the_same_seed_gives_the_same_numbers(id: str, short: dict[str, Panel]) -> None:
    for name, training in by_method(id, short[id]).items():
        found = [measure(training), measure(training), measure(replace(training, seed=6))]
        assert found[0] == found[1], name
        assert found[0][0]["error"] != found[2][0]["error"]
        assert [point["epoch"] for point in found[0]] == list(training.epochs)


def test_a_point_says_how_it_was_trained(short: dict[str, Panel]) -> None:
    points = {id: measure(each)[0] for id, each in by_method("fig1a", short["fig1a"]).items()}
    assert points["bn"]["settings"]["batch"] == 8 and points["bn"]["settings"]["method"] == "bn-std"
    assert points["wn"]["settings"]["zeta"] == 1 / 64 and points["wn"]["settings"]["batch"] is None
    assert points["sgd"]["label"] == "vanilla SGD"


@pytest.mark.parametrize("alpha", [0.25, 1.0, 3.0])
def test_the_rate_of_descent_is_a_stable_one(alpha: float, short: dict[str, Panel]) -> None:
    panel = replace(short["fig1a"], loads=(alpha,))
    training = by_method("fig1a", panel, replace(SETTINGS, neurons=64))["sgd"]
    samples = draw(Run(0), "rate", N=64, alpha=alpha, S=0.25, replicas=8)
    largest = np.linalg.eigvalsh(np.asarray(samples.x @ samples.x.mT)).max()
    assert 0.3 < training.eta * 2 * largest / round(64 * alpha) / 2 < 0.8


def test_the_weights_of_batch_normalization_move_alike_at_any_size() -> None:
    panel = panels.find("fig1a")
    few, many = (by_method("fig1a", panel, replace(SETTINGS, neurons=N))["bn"] for N in (64, 4096))
    assert few.eta == many.eta and few.L0 == many.L0


def test_training_that_diverges_has_no_error(short: dict[str, Panel]) -> None:
    training = by_method("fig1a", short["fig1a"])["sgd"]
    (point,) = measure(replace(training, eta=1e200))
    assert point["error"] is None and point["standard_error"] is None


def test_longer_and_larger_trainings_are_dearer() -> None:
    costs: dict[str, Any] = defaultdict(list)
    for training in trainings("fig1a", panels.find("fig1a"), SETTINGS):
        costs[training.id].append(training.cost)
    for cost in costs.values():
        assert cost == sorted(cost, reverse=True) and math.isfinite(sum(cost))


def test_processes_give_the_numbers_of_this_one(short: dict[str, Panel]) -> None:
    wanted = list(by_method("fig1b", short["fig1b"]).values())
    found = dict(measured(wanted))
    assert found == {training: measure(training) for training in wanted}


def test_want_of_memory_is_said(short: dict[str, Panel]) -> None:
    training = by_method("fig1a", short["fig1a"])["sgd"]
    with pytest.raises(WorkerLost, match="for want of memory or by someone"):
        list(measured([replace(training, neurons=10**7)]))


def test_nothing_to_do_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ProcessPoolExecutor", None)
    assert list(measured([])) == []
