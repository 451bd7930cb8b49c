"""Activations of a user's own: closed forms where they exist, kept integrals where they do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp
from network import value, z_score
from scipy.integrate import dblquad

import derivations
from bntheory.activations import of
from bntheory.calculus import quadrature
from bntheory.calculus.gaussian import NoClosedForm
from derivations import eq13

Function = Callable[[np.ndarray], np.ndarray]

#: As text, with g and its derivative in NumPy.
CLOSED: dict[str, tuple[Function, Function]] = {
    "max(x, 0)**2": (lambda z: np.maximum(z, 0) ** 2, lambda z: 2 * np.maximum(z, 0)),
    "abs(x)": (np.abs, np.sign),
    "x**3": (lambda z: z**3, lambda z: 3 * z**2),
    "max(x, 0) - min(x, 0)/5": (
        lambda z: np.maximum(z, 0) - np.minimum(z, 0) / 5,
        lambda z: np.where(z > 0, 1, -0.2),
    ),
}
INTEGRALS = {"eq13": "I1", "eq14": "I3", "eq15": "I2"}
GAMMA, R = 0.8, -0.35


@pytest.mark.parametrize("text", CLOSED)
def test_closed_forms_are_those_of_a_sample(text: str) -> None:
    g, slope = CLOSED[text]
    p, z = np.random.default_rng(3).standard_normal((2, 400_000))
    u, v = GAMMA * p, R * p + np.sqrt(1 - R * R) * z
    delta = slope(u) * (g(v) - g(u))
    samples = {"I1": delta * u, "I2": delta**2, "I3": delta * v}
    for id, name in INTEGRALS.items():
        derivation = derivations.derive(id, of(text))
        assert derivation.passed and derivation.agrees is None
        assert not derivation[name].has(sp.Integral)
        assert abs(z_score(samples[name], value(derivation[name], gamma=GAMMA, R=R))) < 4.5


@pytest.mark.parametrize("text", CLOSED)
@pytest.mark.parametrize("id", ["eq10", "prop1", "prop3", "prop4", "table1-sgd", "drift"])
def test_the_theory_goes_through(id: str, text: str) -> None:
    assert derivations.derive(id, of(text)).passed


def by_scipy(expr: sp.Expr) -> float:
    """Return the value of a sum of integrals over a radius and an angle."""
    from bntheory.notation import SYMBOLS

    point = {SYMBOLS["gamma"]: GAMMA, SYMBOLS["R"]: R}
    total = 0.0
    for term in expr.atoms(sp.Integral):
        (r, _, _), (phi, start, end) = term.limits
        f = sp.lambdify((r, phi), term.function.subs(point), "math")
        ends = [float(angle.subs(point)) for angle in (start, end)]
        total += dblquad(f, *ends, 0, 14, epsabs=1e-10)[0]
    return total


@pytest.mark.parametrize("id", INTEGRALS)
def test_without_a_closed_form_the_integral_is_kept(id: str) -> None:
    """For tanh, against the trapezoidal rule in Cartesian coordinates."""
    line = np.arange(-10, 10, 0.04)
    p, z = np.meshgrid(line, line, indexing="ij")
    density = np.exp(-(p**2 + z**2) / 2) / (2 * np.pi) * 0.04**2
    u, v = GAMMA * p, R * p + np.sqrt(1 - R * R) * z
    delta = (np.tanh(v) - np.tanh(u)) / np.cosh(u) ** 2
    name = INTEGRALS[id]
    wanted = ({"I1": delta * u, "I2": delta**2, "I3": delta * v}[name] * density).sum()

    derivation = derivations.derive(id, of("tanh(x)"))
    assert derivation.passed
    assert any("no closed form" in remark for remark in derivation.remarks)
    assert by_scipy(derivation[name]) == pytest.approx(wanted, rel=1e-7)


def test_a_wrong_integral_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = quadrature.integral
    monkeypatch.setattr(quadrature, "integral", lambda *args: 2 * right(*args))
    assert not eq13.derive.__wrapped__(of("tanh(x)")).passed


@pytest.mark.parametrize("id", ["prop1", "prop3", "prop4", "table1-bn", "drift"])
def test_the_fixed_point_needs_closed_forms(id: str) -> None:
    with pytest.raises(NoClosedForm, match="by quadrature"):
        derivations.derive(id, of("tanh(x)"))
