"""The teacher's samples, the exact error against Monte Carlo, and exact solutions."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch

from bntheory.simulation.run import Run
from bntheory.simulation.teacher import Samples, draw, error, ridge_solution
from bntheory.verdict import Z

GIVEN: dict[str, Any] = {"N": 30, "alpha": 1.5, "S": 0.25, "replicas": 2}


def test_samples_are_those_of_the_model() -> None:
    samples = draw(Run(), "law", N=200, alpha=2.003, S=4.0, replicas=20)
    P, N = 401, 200
    assert samples.x.shape == (20, P, N) and samples.y.shape == (20, P)
    assert samples.x.dtype == samples.y.dtype == torch.float64
    np.testing.assert_allclose(samples.w_star.square().sum(1), N, rtol=1e-12)
    noise = samples.y - torch.einsum("kpn,kn->kp", samples.x, samples.w_star)
    assert float(N * samples.x.square().mean()) == pytest.approx(1, abs=5 * math.sqrt(2 / 1.6e6))
    assert float(noise.square().mean()) == pytest.approx(4, abs=5 * 4 * math.sqrt(2 / 8000))
    assert abs(float(noise.mean())) < 5 * 2 / math.sqrt(8000)
    fit = torch.einsum("kpn,kp->kn", samples.x, noise)  # the noise does not know the inputs
    assert float((fit * samples.w_star).mean()) == pytest.approx(0, abs=5 * 2 * math.sqrt(2 / 4000))


def test_without_noise_outputs_are_those_of_the_teacher() -> None:
    samples = draw(Run(), "law", **{**GIVEN, "S": 0.0})
    outputs = samples.x @ samples.w_star[..., None]
    np.testing.assert_allclose(samples.y, outputs[..., 0], rtol=1e-10, atol=1e-12)


def test_random_numbers_go_by_seed_name_and_replica() -> None:
    whole, again = draw(Run(1), "a", **GIVEN), draw(Run(1), "a", **GIVEN)
    second = draw(Run(1), "a", **{**GIVEN, "replicas": 1}, first=1)
    for field in ("x", "y", "w_star"):
        assert torch.equal(getattr(whole, field), getattr(again, field))
        assert torch.equal(getattr(whole, field)[1:], getattr(second, field))
        assert not torch.isclose(getattr(whole, field)[0], getattr(whole, field)[1]).any()
        for other in (draw(Run(2), "a", **GIVEN), draw(Run(1), "b", **GIVEN)):
            assert not torch.isclose(getattr(whole, field), getattr(other, field)).any()
    assert list(second.replicas) == [1] and list(whole.part(1, 2).replicas) == [1]
    assert {f.name for f in fields(Samples)} == {"x", "y", "w_star", "first"}


def test_replicas_are_independent() -> None:
    samples = draw(Run(3), "a", N=500, alpha=0.2, S=1.0, replicas=8)
    for rows in (samples.w_star, samples.y, samples.x[:, 0]):
        correlation = np.corrcoef(rows.numpy())[np.triu_indices(8, 1)]
        assert abs(correlation).max() < 5 / math.sqrt(rows.shape[1])


@pytest.mark.parametrize("student", ["linear", "relu"])
@pytest.mark.parametrize("shift", [0.0, 0.7, -0.4])
def test_the_error_is_the_average_over_fresh_inputs(student: str, shift: float) -> None:
    """Beside Monte Carlo; an error that is off by a percent would be seen."""
    samples = draw(Run(), "error", **GIVEN)
    random = Run(8).generator("fresh")
    weights = 0.6 * samples.w_star + 0.5 * torch.randn(2, 30, generator=random, dtype=torch.float64)
    exact = error(weights, samples, student, torch.full((2,), shift, dtype=torch.float64))
    x = torch.randn(400_000, 30, generator=random, dtype=torch.float64) / math.sqrt(30)
    for k in range(2):
        a = x @ weights[k] + shift
        squares = (x @ samples.w_star[k] - (a if student == "linear" else a.relu())).square()
        off, spread = exact[k] - squares.mean(), squares.std() / math.sqrt(len(x))
        assert abs(off) < Z * spread < 0.02 * exact[k]
    if not shift:
        assert torch.equal(error(weights, samples, student), exact)


@pytest.mark.parametrize("student", ["linear", "relu"])
def test_errors_that_are_known(student: str) -> None:
    samples = draw(Run(), "error", **GIVEN)
    nothing, shift = torch.zeros_like(samples.w_star), torch.tensor([0.5, -0.5]).double()
    assert error(nothing, samples, student).tolist() == [1.0, 1.0]
    expected = [1.25, 1.25] if student == "linear" else [1.25, 1.0]
    assert error(nothing, samples, student, shift).tolist() == expected
    same = error(samples.w_star, samples, student).numpy()
    np.testing.assert_allclose(same, 0.0 if student == "linear" else 0.5, atol=1e-12)


@pytest.mark.parametrize("alpha", [0.4, 1.0, 1.7])
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 2.0])
def test_exact_solutions_are_those_of_numpy(alpha: float, ridge: float) -> None:
    samples = draw(Run(2), "ridge", **{**GIVEN, "alpha": alpha})
    found = ridge_solution(samples, ridge).numpy()
    for k in range(2):
        x, y = samples.x[k].numpy(), samples.y[k].numpy()
        # the ridge as more samples; lstsq has the shortest of all solutions
        more = np.vstack((x, math.sqrt(ridge) * np.eye(30)))
        expected = np.linalg.lstsq(more, np.append(y, np.zeros(30)), rcond=1e-13)[0]
        np.testing.assert_allclose(found[k], expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alpha": -1.0}, "alpha = -1 is outside its domain, 0 < alpha"),
        ({"alpha": 0}, "alpha = 0 is outside its domain, 0 < alpha"),
        ({"alpha": math.inf}, "alpha = inf is outside its domain, 0 < alpha"),
        ({"alpha": "1"}, "alpha = '1' is not a number"),
        ({"alpha": 0.01}, "alpha = 0.01 gives no sample at N = 30; 1/N <= alpha would"),
        ({"S": -0.1}, "S = -0.1 is outside its domain, 0 <= S"),
        ({"S": math.nan}, "S = nan is outside its domain, 0 <= S"),
        ({"N": 0}, "N = 0 is outside its domain, 1 <= N"),
        ({"N": 2.5}, "N = 2.5 is not a whole number"),
        ({"replicas": 0}, "replicas = 0 is outside its domain, 1 <= replicas"),
        ({"first": -1}, "first = -1 is outside its domain, 0 <= first"),
    ],
)
def test_what_cannot_be_drawn(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        draw(Run(), "refused", **{**GIVEN, **given})


def test_what_cannot_be_computed() -> None:
    samples = draw(Run(), "refused", **GIVEN)
    with pytest.raises(ValueError, match="^ridge = -1 is outside its domain, 0 <= ridge$"):
        ridge_solution(samples, -1)
    with pytest.raises(ValueError, match="^student = 'erf'; the students are linear, relu$"):
        error(samples.w_star, samples, "erf")
    with pytest.raises(ValueError, match=r"shape \(30,\), and the teachers \(2, 30\)$"):
        error(samples.w_star[0], samples, "linear")
