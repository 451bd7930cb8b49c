"""The signs of the eigenvalues (Prop. 3): gamma always comes back, R up to a learning rate.

The print of the eigenvalue of gamma lacks the factor eta.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory import paper
from bntheory.formulas import relu
from bntheory.notation import SYMBOLS
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import growth
from validation.judging import judged, named

MARGIN, NEAR = 0.02, 0.05  # relative
ETA, DECAYS = 0.3, (0.0, 0.05, 0.5)
#: Below and above where R turns unstable, in parts of it.
PARTS = (0.7, 1.3)


def validate(run: Run) -> Iterator[Check]:
    """Measure lambda_gamma, and lambda_R on both sides of its change of sign."""
    for zeta in DECAYS:
        yield from named(f"eta = {ETA:g}, zeta = {zeta:g}", _of_gamma(run, ETA, zeta))
    for zeta in DECAYS[:2]:
        for part in PARTS:
            eta = part * growth.predicted("wn", zeta)
            yield from named(
                f"zeta = {zeta:g}, {part:g} of the largest stable learning rate",
                _of_misalignment(run, eta, zeta),
            )


def at(run: Run, *, eta: float = 0.3, zeta: float = 0.05) -> Iterator[Check]:
    """Measure lambda_gamma and lambda_R at one place, with L = 1."""
    yield from _of_gamma(run, eta, zeta)
    yield from _of_misalignment(run, eta, zeta)


def _of_gamma(run: Run, eta: float, zeta: float) -> Iterator[Check]:
    (statement, _) = paper.find("prop3").printed
    gamma = float(relu.bn_fixed_point(zeta))
    derived = float(relu.bn_lambda_gamma(eta, zeta))
    yield from judged(
        "at the fixed point",
        "lambda_gamma",
        growth.of_gamma(run, "wn", gamma, eta=eta, zeta=zeta),
        MARGIN * abs(derived),
        derived,
        float(statement.rhs.subs({SYMBOLS["zeta"]: zeta})),
    )


def _of_misalignment(run: Run, eta: float, zeta: float) -> Iterator[Check]:
    gamma = float(relu.bn_fixed_point(zeta))
    derived = growth.complete(gamma, eta, zeta, 1.0)
    yield from judged(
        "at the fixed point",
        "lambda_R",
        growth.of_misalignment(run, "wn", gamma=gamma, eta=eta, zeta=zeta),
        NEAR * abs(derived),
        derived,
    )
