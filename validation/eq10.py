"""The order parameters in time (Eq. 10), extrapolated to many inputs.

Students of N and of 2 N inputs are averaged over replicas; what their averages are off by goes as
1/N, and twice the second less the first is without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from bntheory.dynamics import trajectory
from bntheory.simulation import Run
from bntheory.simulation.order_parameters import order_parameters
from bntheory.verdict import Check
from validation.judging import described, extrapolated, judged, named

NEURONS, REPLICAS = 1000, 1500
MARGIN = 0.01
TIMES = [1.0, 4.0]
Student = Literal["relu", "linear", "erf"]
#: The activation, R, gamma and L at the start, eta and zeta.
SETTINGS: tuple[tuple[Student, float, float, float, float, float], ...] = (
    ("relu", 0.1, 1.0, 1.0, 0.3, 0.2),
    ("relu", 0.6, 0.5, 1.5, 1.0, 0.0),
    ("relu", -0.3, 1.2, 1.0, 0.1, 0.5),
    ("erf", 0.3, 1.0, 1.0, 0.5, 0.1),
    ("linear", 0.3, 0.8, 1.2, 0.5, 0.1),
)


def validate(run: Run) -> Iterator[Check]:
    """Measure gamma, R and L at two times from several starts."""
    for activation, *numbers in SETTINGS:
        given = dict(zip(("R", "gamma", "L", "eta", "zeta"), numbers, strict=True))
        system = f"{activation} student, {described(given)}"
        yield from named(system, at(run, activation=activation, **given))


def at(
    run: Run,
    *,
    activation: Student = "relu",
    R: float = 0.1,
    gamma: float = 1.0,
    L: float = 1.0,
    eta: float = 0.3,
    zeta: float = 0.2,
) -> Iterator[Check]:
    """Measure gamma, R and L at two times from one start."""
    N = run.neurons or NEURONS
    given: dict[str, Any] = {"R": R, "gamma": gamma, "L": L, "eta": eta, "zeta": zeta}
    theory = trajectory("bn", activation, t=TIMES, rtol=1e-10, **given)
    few, many = (
        order_parameters(
            "wn",
            activation,
            N=size,
            t=TIMES,
            replicas=REPLICAS,
            seed=run.generator(f"eq10 {activation} {[*given.values()]} {size}").initial_seed(),
            device=run.device,
            **given,
        )
        for size in (N, 2 * N)
    )
    for name in ("gamma", "R", "L"):
        for k, t in enumerate(TIMES):
            one, two = (seen[name].values[:, k] for seen in (few, many))
            predicted = float(theory[name][k])
            yield from judged(
                "student of one neuron",
                f"{name} at t = {t:g}",
                extrapolated(one, two),
                MARGIN * max(abs(predicted), 0.3),
                predicted,
                predicted,
                N=2 * N,
            )
