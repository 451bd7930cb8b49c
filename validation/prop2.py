"""The eigenvalues of gamma and R at the fixed point (Prop. 2), measured as rates of relaxation.

The derived eigenvalue of R is that of the complete equations; the print neglects what I2 itself
adds to it, which is zero without decay.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.formulas import relu
from bntheory.gap import PAPER_DECAYS, Gap, widest
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import growth
from validation.judging import described, judged, named

MARGIN = 0.02  # relative
#: eta, zeta, L.
PLACES = ((0.5, 0.0, 1.0), (0.5, 0.2, 1.0), (0.2, 0.1, 0.5), (3.0, 0.0, 1.0))


def validate(run: Run) -> Iterator[Check]:
    """Measure both eigenvalues where the student is stable and where it is not."""
    for eta, zeta, L in PLACES:
        given = {"eta": eta, "zeta": zeta, "L": L}
        yield from named(described(given), at(run, **given))


def at(run: Run, *, eta: float = 0.5, zeta: float = 0.2, L: float = 1.0) -> Iterator[Check]:
    """Measure both eigenvalues at one place."""
    gamma = float(relu.bn_fixed_point(zeta))
    given = {"eta": eta, "zeta": zeta, "L": L}
    printed = float(relu.bn_lambda_gamma(eta, zeta))
    yield from judged(
        "at the fixed point",
        "lambda_gamma",
        growth.of_gamma(run, "wn", gamma, **given),
        MARGIN * abs(printed),
        printed,
        printed,
    )
    complete = growth.complete(gamma, **given)
    yield from judged(
        "at the fixed point",
        "lambda_R",
        growth.of_misalignment(run, "wn", gamma=gamma, **given),
        MARGIN * (abs(complete) + 0.1 * eta),
        complete,
        float(relu.bn_lambda_R(eta, zeta, L)),
    )


def over_range() -> Iterator[Gap]:
    """Compare the printed eigenvalue of R with that of the complete equations."""

    def complete(eta: float, zeta: float) -> float:
        return growth.complete(float(relu.bn_fixed_point(zeta)), eta, zeta, 1.0)

    yield widest(
        "lambda_R at L = 1",
        lambda eta, zeta: float(relu.bn_lambda_R(eta, zeta, 1.0)),
        complete,
        eta=(0.01, 0.1, 0.5, 1.0),
        zeta=PAPER_DECAYS,
    )
