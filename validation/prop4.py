"""The largest stable learning rates (Prop. 4), by bisection on measured rates of growth.

They are effective ones: eta for plain SGD, eta gamma0/L0^2 for the others.  Weight normalization
with gamma decay has more than the 2 zeta that are printed, and more than Table 1's, which neglects
I2.  Beyond it 1 - R grows, and L with it: eta/L^2 falls until the student is stable again.  Plain
SGD has no L to fall back on.  Batch normalization itself is measured as in ``bn-dynamics``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from bntheory.formulas import relu
from bntheory.simulation import Run
from bntheory.verdict import Check
from validation import bn_dynamics, growth
from validation.judging import judged, named, scaled

MARGIN = 0.03  # relative
LENGTH = 0.8
Method = Literal["sgd", "wn"]
#: Methods with their decays.
CASES: tuple[tuple[Method, float], ...] = (("sgd", 0.0), ("wn", 0.0), ("wn", 0.1), ("wn", 0.2))


def validate(run: Run) -> Iterator[Check]:
    """Measure them for plain SGD, weight normalization with and without decay, and batches."""
    for method, zeta in CASES:
        yield from measured(run, method, zeta)
    yield from bn_dynamics.largest(run, 16)


def measured(run: Run, method: Method, zeta: float) -> Iterator[Check]:
    """Measure it for a method with its decay, and name them."""
    system = "plain SGD" if method == "sgd" else f"weight normalization, zeta = {zeta:g}"
    yield from named(system, at(run, method=method, zeta=zeta))


def at(run: Run, *, method: Method = "wn", zeta: float = 0.0) -> Iterator[Check]:
    """Measure the largest stable effective learning rate of a method.

    Raises
    ------
    ValueError
        If plain SGD is given a decay.
    """
    if method == "sgd" and zeta:
        raise ValueError(f"zeta = {zeta:g}, but plain SGD has no gamma to decay; 0 will do")
    given: dict[str, Any] = {}
    gamma, L = 1.0, 1.0
    if method != "sgd":
        gamma, L = float(relu.bn_fixed_point(zeta)), LENGTH
        given = {"gamma": gamma, "L": L, "zeta": zeta}
    predicted = growth.predicted(method, zeta) * gamma
    yield from judged(
        "student of one neuron",
        "largest stable effective learning rate",
        scaled(growth.largest_stable_rate(run, method, **given), gamma / L**2),
        MARGIN * predicted,
        predicted,
        float(relu.sgd_eta_max() if method == "sgd" else relu.bn_eta_max(zeta)),
    )
