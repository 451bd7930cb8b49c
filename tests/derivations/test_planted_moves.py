"""An error in a move, in the calculus that all derivations share, makes a derivation fail.

Each error is planted where the derivation looks the move up; ``derive.__wrapped__`` goes around the
cache, and what is cited stays right.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import sympy as sp

from bntheory import proof
from bntheory.activations import ACTIVATIONS
from bntheory.calculus import (
    error_functions,
    gaussian,
    orthants,
    overlaps,
    radicals,
    replica,
    sectors,
    spectrum,
)
from bntheory.derivation import Derivation
from bntheory.notation import SYMBOLS
from derivations import drift, eq8, prop4

R, gamma, N, w = (SYMBOLS[name] for name in ("R", "gamma", "N", "w"))


def twice(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: 2 * right(*args)


def negative(right: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: -right(*args)


def derive_again(id: str, activation: str | None) -> Derivation:
    module = import_module(f"derivations.{id.replace('-', '_')}")
    given = () if activation is None else (ACTIVATIONS[activation],)
    return module.derive.__wrapped__(*given)


#: (module, name, how it goes wrong, derivation, activation)
ERRORS: dict[str, tuple[Any, str, Callable[..., Any], str, str | None]] = {
    "radial integral, twice": (orthants, "radial", twice, "eq13", "relu"),
    "radial integral, next power": (
        orthants,
        "radial",
        lambda f: lambda k: f(k + 1),
        "eq14",
        "relu",
    ),
    "radial integral, without r": (
        orthants,
        "radial",
        lambda f: lambda k: f(k - 1) if k else f(k),
        "eq15",
        "relu",
    ),
    "sector, twice": (orthants, "sector", twice, "eq13", "relu"),
    "sector, negative": (orthants, "sector", negative, "eq14", "leaky_relu"),
    "sector, powers exchanged": (
        orthants,
        "sector",
        lambda f: lambda m, n: f(n + 1, m),
        "eq15",
        "leaky_relu",
    ),
    "sector, complement of the angle": (
        orthants,
        "sector",
        lambda f: lambda m, n: f(m, n).subs(orthants.theta, sp.pi / 2 - orthants.theta),
        "eq13",
        "relu",
    ),
    "quadrant, signs exchanged": (
        orthants,
        "on_quadrant",
        lambda f: lambda e, p, q, signs: f(e, p, q, (signs[1], -signs[0])),
        "eq13",
        "relu",
    ),
    "quadrant, always the positive one": (
        orthants,
        "on_quadrant",
        lambda f: lambda e, p, q, signs: f(e, p, q, (1, 1)),
        "online-error",
        "relu",
    ),
    "angle, sign of the arcsine": (
        gaussian,
        "from_angle",
        lambda f: lambda e, c: f(e, c).replace(sp.asin, lambda z: -sp.asin(z)),
        "eq14",
        "relu",
    ),
    "angle, root without its square": (
        gaussian,
        "from_angle",
        lambda f: lambda e, c: f(e, c).subs(sp.sqrt(1 - c**2), sp.sqrt(1 - c)),
        "eq13",
        "relu",
    ),
    "collecting powers loses one": (
        gaussian,
        "by_powers",
        lambda f: lambda e, s: f(e, s) - f(e, s).args[0],
        "eq15",
        "relu",
    ),
    "two error functions, twice": (error_functions, "_two_erfs", twice, "eq15", "erf"),
    "two error functions, negative": (
        error_functions,
        "_two_erfs",
        negative,
        "online-error",
        "erf",
    ),
    "law of two, without its height": (
        error_functions,
        "_law_of_two",
        lambda f: lambda: (f()[0] * sp.pi, f()[1]),
        "eq15",
        "erf",
    ),
    "law of two, a sine": (
        error_functions,
        "_law_of_two",
        lambda f: lambda: (f()[0].replace(sp.asin, sp.sin), f()[1]),
        "eq15",
        "erf",
    ),
    "Stein's lemma, twice": (error_functions, "_by_stein", twice, "eq13", "erf"),
    "Stein's lemma, negative": (error_functions, "_by_stein", negative, "eq14", "erf"),
    "a Gaussian of the wrong width": (
        error_functions,
        "_quadratic",
        lambda f: lambda e, z: f(e, z) / 2,
        "eq13",
        "erf",
    ),
    "an error function of the wrong slope": (
        error_functions,
        "_linear",
        lambda f: lambda e, z: 2 * f(e, z),
        "eq14",
        "erf",
    ),
    "gradient, twice": (overlaps, "gradient", twice, "eq5", None),
    "gradient, negative": (overlaps, "gradient", negative, "eq5", None),
    "gradient, one term of two": (
        overlaps,
        "gradient",
        lambda f: lambda e, by: f(e, by) - f(e, by).args[0],
        "eq5",
        None,
    ),
    "gradient of |w|^2 without its 2": (
        overlaps,
        "gradient",
        lambda f: lambda e, by: f(e, by).subs(by, by / 2),
        "eq5",
        None,
    ),
    "gradient, plain SGD": (overlaps, "gradient", negative, "table1-sgd", "relu"),
    "inner product, twice": (overlaps, "inner", twice, "eq8", None),
    "inner product, one-sided": (
        overlaps,
        "inner",
        lambda f: lambda a, b, basis: f(a, a, basis),
        "eq8",
        None,
    ),
    "inner product, cross terms once": (
        overlaps,
        "inner",
        lambda f: (
            lambda a, b, basis: sum(
                f(c * y, overlaps.components(b, basis)[y] * y, basis)
                for y, c in overlaps.components(a, basis).items()
            )
        ),
        "eq8",
        None,
    ),
    "inner product, plain SGD": (overlaps, "inner", twice, "table1-sgd", "linear"),
    "average, twice": (overlaps, "average", twice, "eq9", None),
    "average, moments exchanged": (
        overlaps,
        "average",
        lambda f: (
            lambda e, moments: f(e, dict(zip(moments, reversed(moments.values()), strict=True)))
        ),
        "eq9",
        None,
    ),
    "average, split of x.x": (overlaps, "average", negative, "eq15", "relu"),
    "limit, twice": (radicals, "at", twice, "eq9", None),
    "limit, a term that vanishes is kept": (
        radicals,
        "at",
        lambda f: lambda e, s, to: f(e, s, to) + f(e * s, s, 7) / 10**9,
        "eq9",
        None,
    ),
    "limit, of a neighbour": (
        radicals,
        "at",
        lambda f: lambda e, s, to: f(e, s, to - sp.Rational(1, 10**9)),
        "prop3",
        "relu",
    ),
    "limit of a slope, twice": (radicals, "at", twice, "prop3", "linear"),
    "limit of a slope, erf": (radicals, "at", negative, "prop3", "erf"),
    "normal form of roots, twice": (prop4, "normal", twice, "prop4", "relu"),
    "roots, twice": (proof, "_roots", lambda f: lambda p: [2 * r for r in f(p)], "eq10", None),
    "roots, with a plus": (
        proof,
        "_roots",
        lambda f: lambda p: [r + 1 for r in f(p)],
        "table1-wn",
        "relu",
    ),
    "powers of N, one too many": (
        eq8,
        "_by_size",
        lambda f: lambda e: f(e) * SYMBOLS["N"],
        "eq8",
        None,
    ),
    "powers of A, one lost": (
        drift,
        "_collect",
        lambda f: lambda rates: f(rates).subs(SYMBOLS["alignment"], 0),
        "drift",
        "relu",
    ),
    "shortest form, twice": (radicals, "tidy", twice, "table1-bn", "relu"),
    "shortest form, at a point": (
        radicals,
        "tidy",
        lambda f: lambda e: f(e).subs(SYMBOLS["zeta"], 1),
        "table1-bn",
        "leaky_relu",
    ),
    "the other root": (
        spectrum,
        "positive_root",
        lambda f: lambda quadratic, x: -f(quadratic.subs(x, -x), x),
        "wn-linear",
        None,
    ),
    "whole line, twice": (replica, "whole_line", twice, "prop5", None),
    "half line, the other half": (
        replica,
        "half_line",
        lambda f: lambda exponent, u: f(exponent.subs(u, -u), u),
        "rs-relu",
        None,
    ),
    "sectors, negative": (sectors, "mean", negative, "rs-relu", None),
    "sectors, ends exchanged": (
        sectors,
        "mean",
        lambda f: lambda *args: f(*args[:-1], args[-1][::-1]),
        "rs-relu",
        None,
    ),
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_in_a_move_is_caught(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    module, name, wrong, id, activation = ERRORS[error]
    derive_again(id, activation)  # what is cited is derived right, and stays
    monkeypatch.setattr(module, name, wrong(getattr(module, name)))
    try:
        broken = derive_again(id, activation)
    except (ValueError, KeyError, ZeroDivisionError, AttributeError, TypeError):
        pytest.fail("the error stops the derivation before its check can see it")
    assert not all(step.check.passed for step in broken.steps)
    assert not broken.passed


@pytest.mark.parametrize("error", ERRORS)
def test_without_the_error_it_passes(error: str) -> None:
    _, _, _, id, activation = ERRORS[error]
    assert derive_again(id, activation).passed
