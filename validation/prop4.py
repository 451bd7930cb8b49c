"""The largest stable learning rates (Prop. 4), by bisection on measured rates of growth.

They are effective ones: eta for plain SGD, eta gamma0/L0^2 for the others.  Weight normalization
with gamma decay has more than the 2 zeta that are printed, and more than Table 1's, which neglects
I2.  Beyond it 1 - R grows, and L with it: eta/L^2 falls until the student is stable again.  Plain
SGD has no L to fall back on.
"""

from __future__ import annotations

from collections.abc import Iterator

from bntheory.formulas import relu
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import growth
from validation.judging import judged, scaled

MARGIN = 0.03  # relative
LENGTH = 0.8
#: Methods with their decays.
CASES = (("sgd", 0.0), ("wn", 0.0), ("wn", 0.1), ("wn", 0.2))


def validate(run: Run) -> Iterator[Check]:
    """Measure them for plain SGD, and for weight normalization without and with decay."""
    for method, zeta in CASES:
        yield from measured(run, method, zeta)


def measured(run: Run, method: str, zeta: float) -> Iterator[Check]:
    """Measure the largest stable effective learning rate of a method."""
    given: dict[str, float] = {}
    gamma, L, system = 1.0, 1.0, "plain SGD"
    if method != "sgd":
        gamma, L = float(relu.bn_fixed_point(zeta)), LENGTH
        given = {"gamma": gamma, "L": L, "zeta": zeta}
        system = f"weight normalization, zeta = {zeta:g}"
    predicted = growth.predicted(method, zeta) * gamma
    yield from judged(
        system,
        "largest stable effective learning rate",
        scaled(growth.largest_stable_rate(run, method, **given), gamma / L**2),
        MARGIN * predicted,
        predicted,
        float(relu.sgd_eta_max() if method == "sgd" else relu.bn_eta_max(zeta)),
    )
