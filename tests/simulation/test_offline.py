"""Training: where it ends, what it records, and which sample it sees when."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch

from bntheory.simulation import offline
from bntheory.simulation.descent import minibatches
from bntheory.simulation.gradients import METHODS
from bntheory.simulation.offline import History, train
from bntheory.simulation.run import Run
from bntheory.simulation.teacher import Samples, draw, error, ridge_solution

pytestmark = pytest.mark.usefixtures("one_thread")

RUN = Run(7)
SERIES = ("error", "train_loss", "gamma2", "overlap")
SHORT: dict[str, Any] = {"method": "bn", "student": "relu", "eta": 0.3, "epochs": 3, "batch": 5}


def some(alpha: float = 1.5, S: float = 0.25, N: int = 20, replicas: int = 3) -> Samples:
    return draw(RUN, "offline", N=N, alpha=alpha, S=S, replicas=replicas)


def same(a: History, b: History) -> bool:
    pairs = [(getattr(a, name), getattr(b, name)) for name in (*SERIES, "weights", "shift")]
    return all(bool((one == other).all()) for one, other in pairs)


# -- where it ends -------------------------------------------------------------------------------


@pytest.mark.parametrize("alpha", [0.4, 2.5])
def test_plain_descent_ends_at_least_squares_of_minimum_norm(alpha: float) -> None:
    samples = some(alpha)
    eta = 0.8 * samples.x.shape[1] / (1 + math.sqrt(alpha)) ** 2
    found = train(samples, RUN, "end", method="sgd", student="linear", eta=eta, steps=4000)
    np.testing.assert_allclose(found.weights, ridge_solution(samples, 0), rtol=1e-8, atol=1e-9)
    if alpha < 1:
        np.testing.assert_allclose(found.train_loss[-1], 0, atol=1e-16)


@pytest.mark.parametrize("alpha", [0.5, 1.5])
def test_weight_normalization_ends_at_the_ridge(alpha: float) -> None:
    """The decay zeta of gamma is the ridge zeta P/N, whatever the length of w."""
    samples, zeta = some(alpha), 0.2
    found = train(
        samples, RUN, "end", method="wn", student="linear", eta=0.1, steps=4000, zeta=zeta, L0=0.4
    )
    P, N = samples.x.shape[1:]
    ridge = ridge_solution(samples, zeta * P / N)
    np.testing.assert_allclose(found.weights, ridge, rtol=1e-7, atol=1e-8)
    assert abs(found.weights - ridge_solution(samples, zeta)).max() > 0.01  # planted


@pytest.mark.parametrize("method", ["bn", "bn-std", "bn-rms"])
def test_with_all_samples_batch_normalization_does_not_regularize(method: str) -> None:
    """It is another way to write the weights of least squares, for ``bn`` with a shift."""
    samples = some(2.5)
    found = train(samples, RUN, "end", method=method, student="linear", eta=0.5, steps=3000)
    x, y = samples.x, samples.y[..., None]
    if method == "bn":  # the outputs have a mean of zero, and so the inputs may as well
        x = x - x.mean(1, keepdim=True)
    expected = torch.linalg.solve(x.mT @ x, x.mT @ y)[..., 0]
    np.testing.assert_allclose(found.weights, expected, rtol=1e-7, atol=1e-8)


def test_the_error_of_least_squares_is_that_of_the_theory() -> None:
    """1 - alpha + alpha S/(1 - alpha), of which the second term is off by O(1/N) at finite N."""
    N, alpha, S, replicas = 256, 0.5, 0.25, 48
    samples = draw(RUN, "theory", N=N, alpha=alpha, S=S, replicas=replicas)
    found = train(
        samples, RUN, "theory", method="sgd", student="linear", eta=40.0, steps=400, times=[0, 400]
    )
    assert (found.error[0] == 1).all() and found.train_loss[-1].max() < 1e-6
    measured, expected = found.error[-1], 1 - alpha + alpha * S / (1 - alpha)
    spread = measured.std(ddof=1) / math.sqrt(replicas)
    assert abs(measured.mean() - expected) < 5 * spread + 2 / N < 0.1


@pytest.mark.parametrize("method", METHODS)
def test_a_relu_student_gets_to_know_the_teacher(method: str) -> None:
    """Without noise the teacher's weights fit best where the student is active at all."""
    samples = some(10.0, S=0.0)
    found = train(samples, RUN, "relu", method=method, student="relu", eta=1.0, steps=1000)
    assert found.error[0].min() > 0.99
    assert 0.5 - 1e-9 < found.error[-1].min() and found.error[-1].max() < 0.51


# -- what it records -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("student", ["linear", "relu"])
def test_what_is_recorded_is_that_of_the_weights(method: str, student: str) -> None:
    samples = some()
    found = train(samples, RUN, "a", **{**SHORT, "method": method, "student": student})
    assert found.step.tolist() == [0, 6, 12, 18] and found.epoch.tolist() == [0, 1, 2, 3]
    assert found.weights.shape == (3, 20) and found.shift.shape == (3,)
    for name in SERIES:
        assert getattr(found, name).shape == (4, 3) and np.isfinite(getattr(found, name)).all()
    last = error(found.weights, samples, student, found.shift)
    np.testing.assert_allclose(found.error[-1], last, rtol=1e-12)
    np.testing.assert_allclose(found.gamma2[-1], found.weights.square().mean(1), rtol=1e-12)
    overlap = (found.weights * samples.w_star).mean(1)
    np.testing.assert_allclose(found.overlap[-1], overlap, rtol=1e-12)
    outputs = (samples.x @ found.weights[..., None])[..., 0] + found.shift[:, None]
    if student == "relu":
        outputs = outputs.relu()
    loss = (samples.y - outputs).square().mean(1)
    np.testing.assert_allclose(found.train_loss[-1], loss, rtol=1e-10)


def test_times() -> None:
    samples = some()

    def at(**given: Any) -> History:
        return train(samples, RUN, "a", method="bn", student="linear", eta=0.3, **given)

    epochs = at(epochs=4, batch=7, times=[0, 1, 3])
    assert epochs.step.tolist() == [0, 4, 12] and epochs.epoch.tolist() == [0, 1, 3]
    steps = at(steps=16, batch=7, times=[1, 4, 12, 16])
    assert steps.step.tolist() == [1, 4, 12, 16] and steps.epoch.tolist() == [0.25, 1, 3, 4]
    assert np.array_equal(steps.error[1:3], epochs.error[1:])
    assert torch.equal(steps.weights, epochs.weights)  # the last steps are made all the same
    spaced = at(steps=1000, batch=7).step
    assert spaced[:6].tolist() == [0, 1, 2, 3, 4, 6] and spaced[-1] == 1000 and len(spaced) == 17
    ratios = spaced[7:] / spaced[6:-1]
    assert ratios.min() > 1.5 and ratios.max() < 1.68
    assert at(steps=1).step.tolist() == [0, 1]


def test_the_start() -> None:
    samples, given = some(N=2000, alpha=0.01), {"eta": 0.1, "steps": 1, "times": [0]}
    for student, length in (("linear", 0.0), ("relu", 1e-4)):
        found = train(samples, RUN, "a", method="sgd", student=student, **given)
        np.testing.assert_allclose(found.gamma2, length, rtol=0.2)
    for method, gamma0, L0 in (("wn", 1.4, 3.0), ("sgd", 1.4, 0.5)):
        found = train(
            samples, RUN, "a", method=method, student="relu", gamma0=gamma0, L0=L0, **given
        )
        exact = method == "wn"
        expected = gamma0**2 if exact else L0**2
        np.testing.assert_allclose(found.gamma2, expected, rtol=1e-12 if exact else 0.2)


def test_the_rate_falls() -> None:
    """A linear student from 0: the first step is eta, and the second one is of eta/(1 + decay)."""
    samples = some(replicas=1)
    x, y, P = samples.x[0], samples.y[0], 30
    w = torch.zeros(20, dtype=torch.float64)
    for j in range(3):
        w = w + 0.5 / (1 + 2.0 * j) * 2 / P * (y - x @ w) @ x
    found = train(samples, RUN, "a", method="sgd", student="linear", eta=0.5, steps=3, decay=2.0)
    np.testing.assert_allclose(found.weights[0], w, rtol=1e-12)


# -- which sample it sees when -------------------------------------------------------------------


@pytest.mark.parametrize("M", [2, 7, 30])
def test_each_sample_is_seen_once_in_an_epoch(M: int) -> None:
    samples, per_epoch = some(), 30 // M
    numbered = Samples(samples.x, torch.arange(90).view(3, 30).double(), samples.w_star)
    feed, epochs = minibatches(numbered, RUN, "seen", M), []
    for _ in range(2):
        seen = []
        for _ in range(per_epoch):
            x, y = next(feed)
            assert x.shape == (3, M, 20) and y.shape == (3, 1, M)
            for k in range(3):
                assert torch.equal(x[k], samples.x[k, y[k, 0].long() - 30 * k])
            seen.append(y[:, 0].clone())
        epochs.append(torch.cat(seen, 1))
        for k, row in enumerate(epochs[-1].tolist()):
            assert len(row) == len(set(row)) == M * per_epoch
            assert set(row) <= set(range(30 * k, 30 * k + 30))
    orders = [row % 30 for epoch in epochs for row in epoch]
    for i in range(len(orders)):  # every epoch of every replica has an order of its own
        assert not any(torch.equal(orders[i], orders[j]) for j in range(i))


def test_without_batches_all_samples_are_seen() -> None:
    samples = some()
    for _, (x, y) in zip(range(2), minibatches(samples, RUN, "all", None), strict=False):
        assert torch.equal(x, samples.x) and torch.equal(y[:, 0], samples.y)


# -- random numbers ------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_numbers() -> None:
    samples = some()
    first = train(samples, RUN, "a", **SHORT)
    assert same(first, train(samples, RUN, "a", **SHORT))
    for other in (train(samples, Run(8), "a", **SHORT), train(samples, RUN, "b", **SHORT)):
        assert not np.isclose(first.error[-1], other.error[-1]).any()


@pytest.mark.parametrize("batch", [4, None])
@pytest.mark.parametrize("method", METHODS)
def test_replicas_do_not_know_of_each_other(method: str, batch: int | None) -> None:
    samples, given = some(), {**SHORT, "method": method, "batch": batch}
    together = train(samples, RUN, "a", **given)
    for k in range(3):
        alone = train(samples.part(k, k + 1), RUN, "a", **given)
        for name in SERIES:
            mine, own = getattr(together, name)[:, k], getattr(alone, name)[:, 0]
            np.testing.assert_allclose(mine, own, rtol=1e-10)
        np.testing.assert_allclose(together.weights[k], alone.weights[0], rtol=1e-9, atol=1e-12)


def test_how_many_are_trained_at_a_time_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = some()
    together = train(samples, RUN, "a", **SHORT)
    monkeypatch.setitem(offline.CHUNK, "cpu", 2 * 5 * 20 * 8)
    parts = train(samples, RUN, "a", **SHORT)
    for name in SERIES:
        np.testing.assert_allclose(getattr(parts, name), getattr(together, name), rtol=1e-10)
    np.testing.assert_allclose(parts.weights, together.weights, rtol=1e-9, atol=1e-12)


def test_single_precision() -> None:
    given: dict[str, Any] = {"N": 20, "alpha": 1.5, "S": 0.25, "dtype": torch.float32}
    single = draw(RUN, "single", **given)
    double = Samples(single.x.double(), single.y.double(), single.w_star.double())
    weights = {}
    for samples in (single, double):
        # of the start each precision has its own random numbers, and descent from 0 has none
        found = train(samples, RUN, "a", method="sgd", student="linear", eta=0.5, steps=50, batch=5)
        weights[found.weights.dtype] = found.weights.double()
    np.testing.assert_allclose(weights[torch.float32], weights[torch.float64], atol=1e-5)


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "pn"}, "method = 'pn'; the methods are sgd, wn, bn, bn-std, bn-rms"),
        ({"student": "erf"}, "student = 'erf'; the students are linear, relu"),
        ({"method": "wn", "zeta": -0.1}, "zeta = -0.1 is outside its domain, 0 <= zeta"),
        ({"zeta": 0.1}, "zeta = 0.1, but bn has no decay, zeta = 0"),
        ({"eta": 0}, "eta = 0 is outside its domain, 0 < eta"),
        ({"eta": math.nan}, "eta = nan is outside its domain, 0 < eta"),
        ({"batch": 1}, "batch = 1 is outside its domain, 2 <= batch <= 30"),
        ({"batch": 31}, "batch = 31 is outside its domain, 2 <= batch <= 30"),
        ({"batch": 4.0}, "batch = 4.0 is not a whole number"),
        ({"decay": -1.0}, "decay = -1 is outside its domain, 0 <= decay"),
        ({"momentum": 1.0}, "momentum = 1 is outside its domain, 0 <= momentum < 1"),
        ({"L0": 0.0}, "L0 = 0 is outside its domain, 0 < L0"),
        ({"gamma0": -1.0}, "gamma0 = -1 is outside its domain, 0 < gamma0"),
        ({"epochs": 0}, "epochs = 0 is outside its domain, 1 <= epochs"),
        ({"epochs": None}, "give either epochs or steps; neither is given"),
        ({"steps": 5}, "give either epochs or steps; both are given"),
        ({"epochs": None, "steps": 0}, "steps = 0 is outside its domain, 1 <= steps"),
        ({"times": []}, "times has no elements"),
        ({"times": [0, 4]}, "times = 4 is outside its domain, 0 <= times <= 3"),
        ({"times": [0.5]}, "times = 0.5 is not a whole number"),
        ({"times": [0, 2, 2]}, "times is not increasing: 2 comes before 2"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        train(some(), RUN, "refused", **{**SHORT, **given})


def test_samples_that_do_not_suit() -> None:
    one = some(alpha=0.05)
    with pytest.raises(ValueError, match="^P = 1 is outside its domain, 2 <= P$"):
        train(one, RUN, "refused", method="bn", student="linear", eta=0.1, steps=1)
    train(one, RUN, "one", method="wn", student="linear", eta=0.1, steps=1)
    elsewhere = Samples(*(t.to("meta") for t in (one.x, one.y, one.w_star)))
    with pytest.raises(ValueError, match="^the samples are on meta, the run is on cpu$"):
        train(elsewhere, RUN, "refused", **SHORT)
