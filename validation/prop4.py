"""The largest stable learning rates (Prop. 4), by bisection on measured rates of growth.

They are effective ones: eta for plain SGD, eta gamma0/L0^2 for the others.  The derived predictions
are those of the complete equations.  By the printed one nothing is missing of a gain of 2 zeta over
weight normalization without decay, which is measured too.  Beyond the largest stable rate 1 - R
grows, and L with it: eta/L^2 falls until the student is stable again.  Plain SGD has no L to fall
back on.  Batch normalization itself is measured as in ``bn-dynamics``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from bntheory.formulas import relu
from bntheory.simulation import Estimate, Run
from bntheory.verdict import Check
from validation import bn_dynamics, growth
from validation.judging import judged, lacking, scaled

MARGIN = 0.03  # relative
LENGTH = 0.8
QUANTITY = "largest stable effective learning rate"
DECAYS = (0.1, 0.2)
Method = Literal["sgd", "wn"]


def validate(run: Run) -> Iterator[Check]:
    """Measure them for plain SGD, and for weight normalization without and with decay."""
    ends: dict[tuple[Method, float], Estimate] = {}
    cases: tuple[tuple[Method, float], ...] = (
        ("sgd", 0.0), ("wn", 0.0), *(("wn", zeta) for zeta in DECAYS)
    )  # fmt: skip
    for method, zeta in cases:
        system, found, predicted = measured(run, method, zeta)
        ends[method, zeta] = found
        yield from judged(system, QUANTITY, found, MARGIN * predicted, predicted)
    for zeta in DECAYS:
        with_, without = ends["wn", zeta], ends["wn", 0.0]
        error = math.hypot(with_.standard_error, without.standard_error)
        gain = Estimate(with_.value - without.value, error, with_.samples + without.samples)
        yield from judged(
            f"weight normalization, zeta = {zeta:g}", "what its gain lacks of 2 zeta",
            lacking(gain, 2 * zeta), MARGIN, None, 0.0,
        )  # fmt: skip
    yield from bn_dynamics.largest(run, 16)


def at(
    run: Run, *, method: Method = "wn", zeta: float = 0.0, replicas: int = growth.REPLICAS
) -> Iterator[Check]:
    """Measure the largest stable effective learning rate of a method.

    Raises
    ------
    ValueError
        If plain SGD is given a decay.
    """
    if method == "sgd" and zeta:
        raise ValueError(f"zeta = {zeta:g}, but plain SGD has no gamma to decay; 0 will do")
    yield from _table1(run, method, zeta, "student of one neuron", replicas)


def table1(run: Run, method: Method, zeta: float) -> Iterator[Check]:
    """Measure the largest stable effective learning rate of Table 1, which neglects I2."""
    yield from _table1(run, method, zeta)


def _table1(
    run: Run, method: Method, zeta: float, name: str | None = None, replicas: int | None = None
) -> Iterator[Check]:
    system, found, predicted = measured(run, method, zeta, replicas)
    printed = float(relu.sgd_eta_max() if method == "sgd" else relu.bn_eta_max(zeta))
    yield from judged(name or system, QUANTITY, found, MARGIN * predicted, predicted, printed)


def measured(
    run: Run, method: Method, zeta: float, replicas: int | None = None
) -> tuple[str, Estimate, float]:
    """Return the system, its largest stable effective learning rate, and what it should be."""
    given: dict[str, Any] = {}
    gamma, L, system = 1.0, 1.0, "plain SGD"
    if method != "sgd":
        system = f"weight normalization, zeta = {zeta:g}"
        gamma, L = float(relu.bn_fixed_point(zeta)), LENGTH
        given = {"gamma": gamma, "L": L, "zeta": zeta}
    predicted = growth.predicted(method, zeta) * gamma
    rate = growth.largest_stable_rate(run, method, replicas=replicas, **given)
    found = scaled(rate, gamma / L**2)
    return system, found, predicted
