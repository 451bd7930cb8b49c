"""Inner-product algebra, against explicit vectors."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from bntheory.calculus.overlaps import average, chain_rule, components, gradient, inner
from bntheory.notation import SYMBOLS, dot, norm

w, w_star, x = VECTORS = tuple(SYMBOLS[name] for name in ("w", "w_star", "x"))
eta, gamma = SYMBOLS["eta"], SYMBOLS["gamma"]
DIMENSION = 7

seeds = st.integers(0, 10**6)
numbers = st.integers(-9, 9).map(lambda k: k / 4)
combinations = st.tuples(numbers, numbers, numbers)


def draw(seed: int) -> dict[sp.Symbol, np.ndarray]:
    """Return explicit vectors."""
    rng = np.random.default_rng(seed)
    return {vector: rng.standard_normal(DIMENSION) for vector in VECTORS}


def numeric(expr: sp.Expr, vectors: dict[sp.Symbol, np.ndarray]) -> float:
    """Put explicit vectors into the inner products and lengths of an expression."""
    values = {p: sp.Float(vectors[p.args[0]] @ vectors[p.args[1]], 17) for p in expr.atoms(dot)}
    values |= {n: sp.Float(np.linalg.norm(vectors[n.args[0]]), 17) for n in expr.atoms(norm)}
    return float(expr.xreplace(values))


def combine(coefficients: tuple[float, ...], vectors: dict[sp.Symbol, np.ndarray]) -> np.ndarray:
    return np.array(coefficients) @ np.array([vectors[basis] for basis in VECTORS])


def symbolic(coefficients: tuple[float, ...]) -> sp.Expr:
    return sum(sp.Rational(c) * basis for c, basis in zip(coefficients, VECTORS, strict=True))


@given(combinations, combinations, seeds)
def test_products_of_combinations(a: tuple[float, ...], b: tuple[float, ...], seed: int) -> None:
    vectors = draw(seed)
    got = numeric(sp.sympify(inner(symbolic(a), symbolic(b), VECTORS)), vectors)
    assert got == pytest.approx(combine(a, vectors) @ combine(b, vectors), rel=1e-9, abs=1e-9)


def test_coefficients_may_hold_inner_products() -> None:
    """A step along x with a length that depends on w.x and |w|."""
    vectors = draw(3)
    step = w + (dot(w, x) / norm(w)) * x - dot(w, w_star) * (w_star + w) / 3
    length = vectors[w] @ vectors[x] / np.linalg.norm(vectors[w])
    moved = vectors[w] + length * vectors[x]
    moved = moved - vectors[w] @ vectors[w_star] * (vectors[w_star] + vectors[w]) / 3
    assert numeric(inner(step, step, VECTORS), vectors) == pytest.approx(moved @ moved)
    assert numeric(components(step, VECTORS)[x], vectors) == pytest.approx(length)


@pytest.mark.parametrize(
    "vector",
    [w * x, w**2, w + 1, sp.sin(w), w * x**2, w * sp.sin(x), w / x, sp.sqrt(w) + x, gamma],
    ids=str,
)
def test_what_is_not_a_linear_combination_is_refused(vector: sp.Expr) -> None:
    with pytest.raises(ValueError, match="not a linear combination"):
        inner(vector, w, VECTORS)


@given(
    st.lists(
        st.tuples(numbers, st.integers(0, 2), st.integers(0, 2), st.integers(-3, 3)),
        min_size=1,
        max_size=3,
    ),
    seeds,
)
def test_gradients_are_those_of_finite_differences(
    terms: list[tuple[float, int, int, int]], seed: int
) -> None:
    """Sums of c (w.x)^i (w.w*)^j |w|^k sin(w.x), differentiated along each axis."""
    f = sum(
        sp.Rational(c) * dot(w, x) ** i * dot(w, w_star) ** j * sp.sqrt(dot(w, w)) ** k
        for c, i, j, k in terms
    ) * sp.sin(dot(w, x))
    vectors = draw(seed)

    def value(moved: np.ndarray) -> float:
        length, along_x = np.linalg.norm(moved), moved @ vectors[x]
        along_star = moved @ vectors[w_star]
        return sum(c * along_x**i * along_star**j * length**k for c, i, j, k in terms) * np.sin(
            along_x
        )

    h, axes = 1e-5, np.eye(DIMENSION)
    wanted = [
        (value(vectors[w] + h * axis) - value(vectors[w] - h * axis)) / (2 * h) for axis in axes
    ]
    parts = components(gradient(f, w), VECTORS)
    got = sum(numeric(sp.sympify(c), vectors) * vectors[basis] for basis, c in parts.items())
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5 * (1 + np.abs(wanted).max()))


@pytest.mark.parametrize("expr", [norm(w), dot(w + x, x), dot(w, x) * w, sp.sin(w)], ids=str)
def test_gradient_refuses_what_is_no_function_of_inner_products(expr: sp.Expr) -> None:
    with pytest.raises(ValueError, match="other than through"):
        gradient(expr, w)


@given(st.lists(numbers, min_size=6, max_size=6), seeds)
def test_averages_are_those_over_a_sample(coefficients: list[float], seed: int) -> None:
    """Over a random law with five atoms, whose moments are computed in NumPy."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, 5))
    A, B = sp.symbols("A B")
    moments = {
        A * B: sp.Float((a * b).mean(), 17),
        A**2: sp.Float((a**2).mean(), 17),
        A**2 * B: sp.Float((a**2 * b).mean(), 17),
        B**3: sp.Float((b**3).mean(), 17),
    }
    k = coefficients
    expr = eta * (k[0] * A * B + k[1] * A**2) - gamma * k[2] * A**2 * B + k[3] * B**3 + k[4]
    sample = 0.3 * (k[0] * a * b + k[1] * a**2) - 1.7 * k[2] * a**2 * b + k[3] * b**3 + k[4]
    got = sp.sympify(average(sp.expand(expr), moments)).subs({eta: 0.3, gamma: 1.7})
    assert float(got) == pytest.approx(sample.mean(), rel=1e-9, abs=1e-9)


def test_averages_need_every_moment() -> None:
    A, B = sp.symbols("A B")
    with pytest.raises(KeyError):
        average(A * B + A, {A * B: sp.S.One})
    with pytest.raises(sp.PolynomialError):
        average(sp.sin(A), {A: sp.S.One})


def test_chain_rule_along_a_curve() -> None:
    """Against a finite difference of the value on an explicit curve."""
    t = 0.37
    expr = gamma**2 * sp.exp(-eta) + sp.sin(gamma * eta) + 5

    def value(t: float) -> float:
        a, b = np.cos(3 * t), t**2 + 1
        return a**2 * np.exp(-b) + np.sin(a * b) + 5

    rates = {gamma: -3 * sp.sin(sp.Float(3 * t)), eta: 2 * sp.Float(t)}
    point = {gamma: np.cos(3 * t), eta: t**2 + 1}
    h = 1e-6
    wanted = (value(t + h) - value(t - h)) / (2 * h)
    assert float(chain_rule(expr, rates).subs(point)) == pytest.approx(wanted, rel=1e-7)
