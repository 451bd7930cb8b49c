"""Weight normalization's learning rates, by quadrature and by integration in time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from network import NAMES, SLOPE
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from bntheory.activations import LINEAR, RELU
from bntheory.notation import SYMBOLS
from derivations import eq10, wn_range
from derivations.model import open_integrals

T = wn_range.T
#: The slopes of the activations.
SLOPES: dict[str, Callable[[float], float]] = {
    "relu": lambda z: float(z > 0),
    "linear": lambda z: 1.0,
    "leaky_relu": lambda z: 1.0 if z > 0 else SLOPE,
    "erf": lambda z: math.sqrt(2 / math.pi) * math.exp(-z * z / 2),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_largest_rate(derived: Callable[..., Any], name: str) -> None:
    """Close to the teacher g(v) - g(u) is g' (v - u): it is 2 E[g'^2]/E[g'^4]."""

    def moment(power: int) -> float:
        def f(z: float) -> float:
            return SLOPES[name](z) ** power * math.exp(-z * z / 2)

        return float(quad(f, -12, 12, points=[0.0], epsabs=1e-12)[0])

    found = derived("wn-range", name)["wn_eta_max"].subs(SYMBOLS["slope"], SLOPE)
    assert float(found) == pytest.approx(2 * moment(2) / moment(4), rel=1e-9)


@pytest.mark.parametrize(
    ("eta", "R", "L"), [(0.5, 0.0, 1.0), (4.0, 0.0, 1.0), (1e4, 0.9, 1.0), (4.0, -0.9, 2.0)]
)
def test_where_a_path_ends(
    derived: Callable[..., Any], eta: float, R: float, L: float
) -> None:
    """Rates by hand: delta = v - u, with E[delta v] = 1 - R, E[delta u] = R - 1, variance twice."""

    def rates(t: float, state: np.ndarray) -> list[float]:
        R, L = state
        along = eta / L * (1 - R) * (1 + R)
        growth = eta**2 / L**3 * (1 - R)
        return [(along - R * growth) / L, growth]

    motion = solve_ivp(rates, (0, 400), (R, L), "LSODA", rtol=1e-10, atol=1e-12)
    R_end, L_end = motion.y[:, -1]
    assert R_end == pytest.approx(1, abs=1e-9)
    found = derived("wn-range", "linear")
    constant = sp.lambdify((SYMBOLS["R"], T), found["constant"], ("scipy", "numpy"))
    start = constant(R, L**2 / eta)
    assert float(found["constant_least"]) < start < constant(1.0, 0.5)
    root = brentq(lambda T: constant(1.0, T) - start, 0.5, 1e3)
    assert root == pytest.approx(L_end**2 / eta, rel=1e-6)


def test_the_end_from_a_huge_rate_is_said(derived: Callable[..., Any]) -> None:
    """At R = 1 with sqrt(T) = s: 2 s exp(-s^2/2) is the integral of exp(-s^2/2) from 0 to s."""

    def gap(s: float) -> float:
        return 2 * s * math.exp(-s * s / 2) - float(quad(lambda r: math.exp(-r * r / 2), 0, s)[0])

    rate = brentq(gap, 1.0, 3.0) ** -2
    assert any(f" {rate:.4f}," in remark for remark in derived("wn-range", "linear").remarks)


def test_a_wrong_rate_is_noticed(
    derived: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With twice the noise in dR/dt the largest rate is half of what is printed."""
    right = derived("eq10")
    noise = open_integrals()[1]
    gamma, R, L = right["bn_rates"]
    wrong = replace(right, results={"bn_rates": sp.Tuple(gamma, R.subs(noise, 2 * noise), L)})
    monkeypatch.setattr(eq10, "derive", lambda: wrong)
    found = wn_range.derive.__wrapped__(RELU)
    assert [c.agrees for c in found.comparisons] == [False, True]
    assert found["wn_eta_max"] == 1


def test_a_constant_that_is_not_constant_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an integral over T_1 from 0 that is twice too large."""
    own = sp.integrate

    def wrong(expr: Any, by: Any, **more: Any) -> Any:
        return own(expr, by, **more) * (1 if by == T else 2)

    monkeypatch.setattr(sp, "integrate", wrong)
    failed = [s for s in wn_range.derive.__wrapped__(LINEAR).steps if not s.check.passed]
    assert {"integrate", "rewrite"} <= {step.rule for step in failed}
