"""Eigenvalues and largest stable rates from rates that are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bntheory.formulas import relu
from bntheory.simulation import Run
from validation import growth
from validation.judging import average, extrapolated

REPLICAS = 400


@pytest.mark.parametrize("zeta", [0.0, 0.2])
def test_the_terms_beside_an_eigenvalue_are_extrapolated(
    zeta: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rates with terms in d^(3/2) and d^2, and at rest with one that is not zero."""
    resting = 0.3 if zeta else 0.0

    def rate(*_: Any, misalignment: float, **given: Any) -> np.ndarray:
        d = misalignment
        return np.full(REPLICAS, resting - 0.7 * d + 5 * d**1.5 - 11 * d**2)

    monkeypatch.setattr(growth, "_rate", rate)
    found = growth.of_misalignment(Run(), "wn", zeta=zeta)
    assert found.value == pytest.approx(-0.7, abs=1e-9)


@pytest.mark.parametrize("zeta", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("part", [0.3, 1.0, 1.3])
def test_what_is_left_of_them_is_small(
    zeta: float, part: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the complete equations, where nothing fluctuates."""
    gamma, eta = float(relu.bn_fixed_point(zeta)), part * growth.predicted("wn", zeta)

    def rate(*_: Any, misalignment: float, **given: Any) -> np.ndarray:
        return np.full(2, float(relu.bn_rates_aligned(gamma, misalignment, 1.0, eta, zeta)[1]))

    monkeypatch.setattr(growth, "_rate", rate)
    found = growth.of_misalignment(Run(), "wn", zeta=zeta)
    assert found.value == pytest.approx(growth.complete(gamma, eta, zeta, 1.0), abs=2e-3 * eta)


def test_the_largest_stable_rate_has_the_error_of_the_noise_at_both_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """eta (eta/2 - 1 + noise) changes its sign at 2 (1 - noise); the noise is the same for all."""
    noise = np.random.default_rng(1).standard_normal(3 * REPLICAS)

    def eigenvalues(*_: Any, eta: float, replicas: int) -> np.ndarray:
        return eta * (eta / 2 - 1 + 0.1 * noise[:replicas])

    monkeypatch.setattr(growth, "_eigenvalues", eigenvalues)
    found = growth.largest_stable_rate(Run(), "sgd", replicas=REPLICAS)
    right = average(2 - 0.2 * noise)
    assert found.value == pytest.approx(right.value, rel=1e-12)
    assert found.standard_error == pytest.approx(right.standard_error, rel=1e-12)


def test_what_goes_as_one_over_n_is_extrapolated() -> None:
    rng = np.random.default_rng(2)
    few, many = 3 + 1 / 10 + rng.standard_normal(50), 3 + 1 / 20 + rng.standard_normal(80)
    found = extrapolated(few, many)
    assert found.value == pytest.approx(2 * many.mean() - few.mean())
    variance = 4 * many.var(ddof=1) / 80 + few.var(ddof=1) / 50
    assert found.standard_error == pytest.approx(variance**0.5) and found.samples == 130
    exact = extrapolated(np.full(2, 3.1), np.full(2, 3.05))
    assert exact.value == pytest.approx(3.0) and exact.standard_error == pytest.approx(0, abs=1e-15)
