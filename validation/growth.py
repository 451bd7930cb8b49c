"""How fast what is near the fixed point leaves it or comes back: eigenvalues, measured.

Near R = 1 the rates go as 1 - R with further terms in powers of its root.  Students at three
distances from the fixed point make some steps, at so large an N that they stay where they are; the
rates at distances d, 4 d and 16 d give the slope without the next two terms.  With decay the noise
at the fixed point itself sets how small d can be; without it there is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq

from bntheory.formulas import relu
from bntheory.simulation import Estimate, Run
from bntheory.simulation.order_parameters import order_parameters
from validation.judging import average

NEURONS, STEPS, REPLICAS = 10**9, 4000, 2000
#: The smallest distance, with and without decay.
DISTANCE, CLOSE = 4e-3, 2.5e-4
#: The ends between which the largest stable rate is measured, and how often they are halved; and
#: those between which it is computed.
ENDS, HALVINGS = (0.3, 8.0), 4
WIDE = (0.3, 80.0)


def of_misalignment(
    run: Run, method: str, distance: float | None = None, **given: Any
) -> Estimate:
    """Return the eigenvalue of 1 - R, with gamma where it rests."""
    return average(_eigenvalues(run, method, distance, **given))


def of_gamma(run: Run, method: str, gamma: float, **given: Any) -> Estimate:
    """Return the eigenvalue of gamma, at R = 1."""
    up, down = (
        _rate(run, "gamma", method, gamma=gamma + d, misalignment=0.0, **given)
        for d in (0.05, -0.05)
    )
    return average((up - down) / 0.1)


def complete(gamma: float, eta: float, zeta: float, L: float) -> float:
    """Return the eigenvalue of 1 - R that the complete equations have at R = 1, for ReLU."""
    return float(relu.bn_jacobian_aligned(gamma, 1e-14, L, eta, zeta)[1][1])


def predicted(method: str, zeta: float) -> float:
    """Return the largest stable eta at L = 1, for ReLU."""
    if method == "sgd":
        return float(brentq(lambda eta: relu.sgd_jacobian_aligned(1e-14, 1.0, eta)[0][0], *WIDE))
    gamma = float(relu.bn_fixed_point(zeta))
    return float(brentq(lambda eta: complete(gamma, eta, zeta, 1.0), *WIDE))


def _eigenvalues(
    run: Run, method: str, distance: float | None = None, **given: Any
) -> np.ndarray:
    """Return the eigenvalue of 1 - R by replica."""

    def rate(misalignment: float) -> np.ndarray:
        return _rate(run, "misalignment", method, misalignment=misalignment, **given)

    at_rest = method != "bn" and not given.get("zeta")  # otherwise 1 - R = 0 is left
    resting = 0.0 if at_rest else rate(0.0)
    nearest = distance or (CLOSE if at_rest else DISTANCE)
    near, far, farther = ((rate(d) - resting) / d for d in (nearest, 4 * nearest, 16 * nearest))
    found: np.ndarray = (8 * near - 6 * far + farther) / 3
    return found


def _rate(
    run: Run,
    name: str,
    method: str,
    steps: int = STEPS,
    replicas: int | None = None,
    **given: Any,
) -> np.ndarray:
    """Return how fast an order parameter moves, by replica.

    The same random numbers serve every start: most of the noise goes in the differences.
    """
    N = run.neurons or NEURONS
    seed = run.generator(f"growth {name}").initial_seed()
    moved = order_parameters(
        method, N=N, t=[0, steps / N], replicas=replicas or REPLICAS, seed=seed, threads=2,
        device=run.device, **given,
    )[name].values  # fmt: skip
    rates: np.ndarray = (moved[:, 1] - moved[:, 0]) * (N / steps)
    return rates


def largest_stable_rate(
    run: Run,
    method: str,
    ends: tuple[float, float] = ENDS,
    replicas: int | None = None,
    **given: Any,
) -> Estimate:
    """Return the eta at which 1 - R neither grows nor shrinks, by bisection.

    A quarter of the replicas tells the sign; three times as many measure in the end.
    """
    low, high = ends
    usual = replicas or REPLICAS
    few, many = max(2, usual // 4), 3 * usual
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        stable = _eigenvalues(run, method, eta=middle, replicas=few, **given).mean() < 0
        low, high = (middle, high) if stable else (low, middle)
    # between the last two, the eigenvalue over eta is a straight line; both have the same noise
    one, two = (
        _eigenvalues(run, method, eta=eta, replicas=many, **given) / eta for eta in (low, high)
    )
    slope = (two.mean() - one.mean()) / (high - low)
    part = -one.mean() / (two.mean() - one.mean())
    off = average((1 - part) * one + part * two)
    return Estimate(low + part * (high - low), abs(off.standard_error / slope), off.samples)
