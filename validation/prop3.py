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
from validation.judging import judged

MARGIN, NEAR = 0.02, 0.05  # relative
ETA, DECAYS = 0.3, (0.0, 0.05, 0.5)
#: Below and above where R turns unstable, in parts of it.
PARTS = (0.7, 1.3)


def validate(run: Run) -> Iterator[Check]:
    """Measure lambda_gamma, and lambda_R on both sides of its change of sign."""
    (statement, _) = paper.find("prop3").printed
    for zeta in DECAYS:
        gamma = float(relu.bn_fixed_point(zeta))
        derived = float(relu.bn_lambda_gamma(ETA, zeta))
        yield from judged(
            f"eta = {ETA:g}, zeta = {zeta:g}",
            "lambda_gamma",
            growth.of_gamma(run, "wn", gamma, eta=ETA, zeta=zeta),
            MARGIN * abs(derived),
            derived,
            float(statement.rhs.subs({SYMBOLS["zeta"]: zeta})),
        )
    for zeta in DECAYS[:2]:
        gamma = float(relu.bn_fixed_point(zeta))
        for part in PARTS:
            eta = part * growth.predicted("wn", zeta)
            derived = growth.complete(gamma, eta, zeta, 1.0)
            yield from judged(
                f"zeta = {zeta:g}, {part:g} of the largest stable learning rate",
                "lambda_R",
                growth.of_misalignment(run, "wn", gamma=gamma, eta=eta, zeta=zeta),
                NEAR * abs(derived),
                derived,
            )
