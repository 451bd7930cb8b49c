"""Batch normalization itself in batches of M: how gamma, R and L move, and the largest stable rate.

The derived predictions are those of :mod:`bntheory.batch_dynamics`.  The printed ones are the
paper's for the surrogate, weight normalization with gamma decay, with the decay that Theorem 1 has
for M and this loss, and with M samples in a step, which divide the noise of a step by M.

For M = 4 the step of L has an infinite variance, E[1/sigma_B^4] = oo: there gamma and R are
measured, at a rate so small that R does not notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from bntheory.batch_dynamics import fixed_point, rates
from bntheory.formulas import regularizer, relu
from bntheory.simulation import Run
from bntheory.simulation.order_parameters import order_parameters
from bntheory.verdict import Check
from validation import growth
from validation.judging import average, described, judged, scaled

SIZES, LARGEST = (8, 16, 64), (8, 16, 32)
NEURONS, SAMPLES, REPLICAS = 10**9, 4000, 2000
#: Relative.
MARGIN, CLOSE = 0.02, 0.05
#: gamma, R, L; the learning rate is a part of M.
PLACES = ((0.8, 0.6, 1.1), (1.1, 0.9, 0.9))
RATE = 0.4
Student = Literal["relu", "linear"]


def validate(run: Run) -> Iterator[Check]:
    """Measure rates at two places, and the largest stable effective rate, for three M."""
    for M in SIZES:
        for place in PLACES:
            yield from _rates(run, "relu", M, *place, RATE * M)
    yield from _rates(run, "linear", 16, *PLACES[0], RATE * 16)
    yield from _rates(run, "relu", 4, *PLACES[0], 0.04)
    for M in LARGEST:
        yield from largest(run, M, printed=True)


def at(
    run: Run,
    *,
    activation: Student = "relu",
    M: int = 16,
    gamma: float = 0.8,
    R: float = 0.6,
    L: float = 1.1,
    eta: float = 6.4,
) -> Iterator[Check]:
    """Measure the rates at one place."""
    yield from _rates(run, activation, M, gamma, R, L, eta, "student of one neuron")


def _rates(
    run: Run,
    activation: str,
    M: int,
    gamma: float,
    R: float,
    L: float,
    eta: float,
    system: str | None = None,
) -> Iterator[Check]:
    """Measure dgamma/dt, dR/dt and, where its step has a variance, dL/dt."""
    N, steps = run.neurons or NEURONS, max(100, SAMPLES // M)
    values: dict[str, Any] = {"gamma": gamma, "R": R, "L": L, "eta": eta, "M": M}
    moved = order_parameters(
        "bn",
        activation,
        N=N,
        t=[0, steps / N],
        replicas=REPLICAS,
        seed=run.generator(f"bn-dynamics {activation} {values}").initial_seed(),
        threads=2,
        device=run.device,
        **values,
    )
    predicted = rates(gamma, R, L, eta, M, activation)
    for name, derived in zip(("gamma", "R", "L"), predicted, strict=True):
        if name != "L" or M > 5:
            yield from judged(
                system or f"batch normalization, {activation}, {described(values)}",
                f"d{name}_dt",
                average((moved[name][:, 1] - moved[name][:, 0]).values * (N / steps)),
                MARGIN * abs(derived),
                derived,
                N=N,
            )


def paper_decay(M: int) -> float:
    """Return zeta of the paper, such that gamma of Prop. 1 is where it has gamma at rest."""
    return float(1 / regularizer.gamma_at_rest_paper(float(M)) - 1) / 2


def largest(run: Run, M: int, printed: bool = False) -> Iterator[Check]:
    """Measure the largest stable effective rate of batch normalization."""
    at_rest = fixed_point(M)
    gamma0, predicted = float(at_rest.gamma0), float(at_rest.eta_max)
    found = growth.largest_stable_rate(
        run,
        "bn",
        M=M,
        gamma=gamma0,
        ends=(0.4 * predicted / gamma0, 1.8 * predicted / gamma0),
        distance=0.005 / M,
        steps=max(100, growth.STEPS // M),
    )
    yield from judged(
        f"batch normalization, relu, M = {M}, gamma = {gamma0:.4f}",
        "largest stable effective rate over M",
        scaled(found, gamma0 / M),
        CLOSE * predicted / M,
        predicted / M,
        float(relu.bn_eta_max(paper_decay(M))) if printed else None,
        M=M,
    )
