"""How fast what is near the fixed point leaves it or comes back: eigenvalues, measured.

Near R = 1 the rates go as 1 - R with a next term that goes as its power 3/2.  Students at two
distances from the fixed point make some steps, at so large an N that they stay where they are; the
rates at distances d and 4 d give the slope without that term.
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
DISTANCE = 2.5e-3
#: The ends between which the largest stable rate is searched, and how often they are halved.
ENDS, HALVINGS = (0.3, 8.0), 4


def of_misalignment(
    run: Run, method: str, distance: float = DISTANCE, **given: Any
) -> Estimate:
    """Return the eigenvalue of 1 - R, with gamma where it rests."""
    at = {
        d: _rate(run, "misalignment", method, misalignment=d, **given)
        for d in (0.0, distance, 4 * distance)
    }
    near, far = ((at[d] - at[0.0]) / d for d in (distance, 4 * distance))
    return average(2 * near - far)


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
        return float(brentq(lambda eta: relu.sgd_jacobian_aligned(1e-14, 1.0, eta)[0][0], *ENDS))
    gamma = float(relu.bn_fixed_point(zeta))
    highest = ENDS[1] / gamma**2  # decay raises it
    return float(brentq(lambda eta: complete(gamma, eta, zeta, 1.0), ENDS[0], highest))


def _rate(run: Run, name: str, method: str, steps: int = STEPS, **given: Any) -> np.ndarray:
    """Return how fast an order parameter moves, by replica.

    The same random numbers serve every start: most of the noise goes in the differences.
    """
    N = run.neurons or NEURONS
    seed = run.generator(f"growth {name}").initial_seed()
    moved = order_parameters(
        method, N=N, t=[0, steps / N], replicas=REPLICAS, seed=seed, threads=2, device=run.device,
        **given,
    )[name].values  # fmt: skip
    rates: np.ndarray = (moved[:, 1] - moved[:, 0]) * (N / steps)
    return rates


def largest_stable_rate(
    run: Run, method: str, ends: tuple[float, float] = ENDS, **given: Any
) -> Estimate:
    """Return the eta at which 1 - R neither grows nor shrinks, by bisection."""
    low, high = ends
    found = {eta: of_misalignment(run, method, eta=eta, **given) for eta in ends}
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found[middle] = of_misalignment(run, method, eta=middle, **given)
        low, high = (middle, high) if found[middle].value < 0 else (low, middle)
    # between the last two, the eigenvalue over eta is a straight line
    one, two = (found[eta].value / eta for eta in (low, high))
    errors = [found[eta].standard_error / eta for eta in (low, high)]
    part = -one / (two - one)
    error = (high - low) / (two - one) * np.hypot((1 - part) * errors[0], part * errors[1])
    return Estimate(low + part * (high - low), float(abs(error)), found[low].samples)
