"""Where gamma comes to rest (Prop. 1), with gamma decay and in batch normalization itself.

Aligned students are trained at a small learning rate until gamma has forgotten where it began, half
of them below rest and half above; then it is averaged over time and replicas.  The average step of
an aligned student's gamma is linear in gamma, so that its mean at rest is the same at every N.
With gamma decay the rates at rest push L up, at the pace that the paper neglects: extrapolated to
many inputs, as gamma's noise has a part of order 1/N in it.  For batch normalization the printed
value is Prop. 1 with the decay of Theorem 1, the derived one that of ``bn-dynamics``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bntheory.batch_dynamics import fixed_point
from bntheory.formulas import regularizer, relu
from bntheory.gap import PAPER_BATCHES, Gap, widest
from bntheory.simulation import Estimate, Run
from bntheory.simulation.order_parameters import order_parameters
from bntheory.verdict import Check
from validation.judging import average, extrapolated, judged, named

NEURONS, REPLICAS = 250, 50
#: The longer a student, the less its own noise turns it away from the teacher.
ETA, LENGTH = 0.05, 10.0
#: Where gamma begins, in parts of where it rests.
BEGINNINGS = (0.8, 1.2)
#: The time after which gamma has come to rest, and that over which it is averaged.
FORGOTTEN, AVERAGED = 160.0, 120.0
MARGIN = 0.01  # relative
DECAYS, BATCHES = (0.1, 0.5), (8, 16, 32)
DECAY, BATCH = "weight normalization with gamma decay", "batch normalization"


def validate(run: Run) -> Iterator[Check]:
    """Measure gamma at rest for decays and for batch sizes, and what L does meanwhile."""
    for zeta in DECAYS:
        yield from named(f"{DECAY}, zeta = {zeta:g}", _with_decay(run, zeta))
    for M in BATCHES:
        yield from named(f"{BATCH}, M = {M}", _in_batches(run, M))


def at(run: Run, *, zeta: float = 0.1, M: int = 16) -> Iterator[Check]:
    """Measure gamma at rest for one decay and one batch size."""
    yield from _with_decay(run, zeta)
    yield from _in_batches(run, M)


def _with_decay(run: Run, zeta: float) -> Iterator[Check]:
    N = run.neurons or NEURONS
    rest = float(relu.bn_fixed_point(zeta))
    gamma, drift = _measured(run, "wn", N, 1, rest, zeta)
    yield from judged(DECAY, "gamma at rest", gamma, MARGIN * rest, rest, rest, N=2 * N)
    pushed = float(relu.bn_rates(rest, 1.0, LENGTH, ETA, zeta)[2])
    yield from judged(DECAY, "dL/dt", drift, 0.05 * pushed, pushed, None, N=2 * N)


def _in_batches(run: Run, M: int) -> Iterator[Check]:
    N = (run.neurons or NEURONS) // M
    rest = float(fixed_point(M).gamma0)
    gamma, _ = _measured(run, "bn", N, M, rest, 0.0)
    printed = float(regularizer.gamma_at_rest_paper(M))
    yield from judged(BATCH, "gamma at rest", gamma, MARGIN * rest, rest, printed, N=2 * N)


def over_range() -> Iterator[Gap]:
    """Compare Prop. 1, with the decay of Theorem 1, with where gamma rests in batches."""
    yield widest(
        "gamma at rest in batch normalization",
        lambda M: float(regularizer.gamma_at_rest_paper(M)),
        lambda M: float(fixed_point(int(M)).gamma0),
        M=PAPER_BATCHES,
    )


def _measured(
    run: Run, method: str, N: int, M: int, gamma: float, zeta: float
) -> tuple[Estimate, Estimate]:
    """Return gamma at rest, and how fast L grows."""
    t = FORGOTTEN + AVERAGED * np.linspace(0, 1, 61)
    gammas, drifts = [], []
    for size in (N, 2 * N):
        seen = [
            order_parameters(
                method, N=size, M=M, eta=ETA, zeta=zeta, t=t, misalignment=0.0, L=LENGTH,
                gamma=start * gamma, replicas=REPLICAS, threads=2,
                device=run.device,
                seed=run.generator(f"prop1 {method} {M} {zeta} {size} {start}").initial_seed(),
            )
            for start in BEGINNINGS
        ]  # fmt: skip
        # a replica of each start makes one value: what they have not forgotten has either sign
        gammas.append(np.mean([each.gamma.mean("t") for each in seen], axis=0))
        drifts.append(np.mean([(each.L[:, -1] - each.L[:, 0]) for each in seen], axis=0) / AVERAGED)
    return average(np.concatenate(gammas)), extrapolated(*drifts)
