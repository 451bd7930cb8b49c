"""The value of an expression, by mpmath: SymPy's own numerics are not asked.

Functions that a derivation leaves open are played by arbitrary smooth ones, and vector symbols by
explicit vectors: an identity has to hold whatever they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory import notation
from bntheory.checking.points import Point, number

#: Arbitrary smooth functions that play those a derivation leaves open.
OPEN: dict[Any, Callable[..., Any]] = {
    notation.g: lambda x: mp.sin(x) + x**2 / 3,
    notation.g_prime: lambda x: mp.cos(x) + 2 * x / 3,
    notation.A: lambda h: mp.exp(h / 2) + h**3 / 9,
    notation.A_prime: lambda h: mp.exp(h / 2) / 2 + h**2 / 3,
    notation.A_second: lambda h: mp.exp(h / 2) / 4 + 2 * h / 3,
    notation.A_third: lambda h: mp.exp(h / 2) / 8 + mp.mpf(2) / 3,
    notation.p: lambda y, h: mp.exp(-((y - h) ** 2) / 3) + mp.mpf(1) / 9,
    notation.ell: lambda h: mp.cosh(h / 3) - h / 5,
    notation.average: lambda mean: mean + mean**2 / 5,
    notation.E_data: lambda mean: 1 + mean**2 / 7,
    notation.E_noise: lambda mean: mean - mean**3 / 8,
    notation.layer_sum: lambda total: 2 * total + total**2 / 3,
    notation.G: lambda ridge: mp.log(1 + ridge) / ridge + ridge / 7,
    notation.g_star: lambda x: mp.cos(x) - x / 4,
    notation.I1: lambda gamma, R: mp.sin(gamma + 2 * R) + gamma * R**2,
    notation.I2: lambda gamma, R: mp.exp(R) * mp.cos(gamma) + 3,
    notation.I3: lambda gamma, R: gamma**2 * R - mp.cos(R) / gamma,
    notation.B1: lambda gamma, R: mp.cos(gamma - R) + R * gamma**2,
    notation.B2: lambda gamma, R: mp.exp(gamma) + mp.sin(R) + 2,
    notation.B3: lambda gamma, R: gamma * mp.exp(-R) - R**2,
    notation.batch_mean: lambda mean: mean + mean**3 / 6,
}

FUNCTIONS: dict[Any, Callable[..., Any]] = {
    **OPEN,
    notation.dot: lambda a, b: mp.fdot(a, b),
    notation.norm: lambda a: mp.sqrt(mp.fdot(a, a)),
    notation.Gamma: mp.gamma,
    notation.sigmoid: lambda x: 1 / (1 + mp.exp(-x)),
    sp.Abs: abs,
    sp.Max: max,
    sp.Min: min,
    sp.sign: mp.sign,
    sp.Heaviside: lambda x, *at_zero: at_zero[0] if at_zero and x == 0 else mp.mpf(x > 0),
    **{
        f: getattr(mp, f.__name__)
        for f in (
            sp.exp,
            sp.log,
            sp.sin,
            sp.cos,
            sp.tan,
            sp.asin,
            sp.acos,
            sp.atan,
            sp.sinh,
            sp.cosh,
            sp.tanh,
            sp.erf,
            sp.erfc,
            sp.gamma,
        )
    },
}


def _numpy_functions() -> dict[str, Any]:
    from scipy import special

    return {"erf": special.erf, "erfc": special.erfc}


class _Values(dict[sp.Basic, Any]):
    """The values of an expression's parts at one point, each computed once."""

    def __missing__(self, expr: sp.Basic) -> Any:
        value = self[expr] = self._compute(expr)
        return value

    def _compute(self, expr: sp.Basic) -> Any:
        if isinstance(expr, sp.Rational):
            return number(expr)
        if isinstance(expr, (sp.NumberSymbol, sp.Float)):
            return expr._to_mpmath(mp.mp.prec)
        if isinstance(expr, sp.Add):
            return sum((self[a] for a in expr.args[1:]), self[expr.args[0]])
        if isinstance(expr, sp.Mul):
            product = mp.mpf(1)
            for a in expr.args:
                product = product * self[a]
            return product
        if isinstance(expr, sp.Pow):
            base, exponent = expr.args
            if isinstance(exponent, sp.Rational) and exponent.q == 2:
                return mp.sqrt(self[base]) ** int(exponent.p)
            return self[base] ** (int(exponent) if exponent.is_Integer else self[exponent])
        if isinstance(expr, sp.Derivative):
            return self._slope(expr)
        if isinstance(expr, sp.Piecewise):
            return next(self[e] for e, condition in expr.args if self._true(condition))
        if isinstance(expr, sp.Integral):
            return self._integral(expr)
        if expr.func in FUNCTIONS:
            return FUNCTIONS[expr.func](*(self[a] for a in expr.args))
        raise TypeError(f"no value for {expr}")

    def _slope(self, expr: sp.Derivative) -> Any:
        """Differentiate an open function numerically."""
        function, orders = expr.expr, [0] * len(expr.expr.args)
        for variable, times in expr.variable_count:
            orders[function.args.index(variable)] += int(times)
        arguments = tuple(self[a] for a in function.args)
        return mp.diff(FUNCTIONS[function.func], arguments, tuple(orders))

    def _integral(self, expr: sp.Integral) -> Any:
        """Integrate over r in (0, oo) and an angle by Gauss-Legendre, in double precision."""
        import numpy as np

        (r, start, _), (phi, low, high) = expr.limits
        low, high, radius = float(self[low]), float(self[high]), 12.0
        free = sorted(expr.free_symbols, key=str)
        function = sp.lambdify([r, phi, *free], expr.function, [_numpy_functions(), np])
        nodes, weights = np.polynomial.legendre.leggauss(160)
        rs, angles = radius * (nodes + 1) / 2, low + (high - low) * (nodes[:, None] + 1) / 2
        values = function(rs, angles, *(float(self[symbol]) for symbol in free))
        area = radius * (high - low) / 4
        return mp.mpf(float(weights @ (values * np.ones((160, 160))) @ weights) * area)

    def _true(self, condition: Any) -> bool:
        if condition in (sp.true, sp.false):
            return bool(condition)
        return bool(condition.func(sp.Float(self[condition.lhs]), sp.Float(self[condition.rhs])))


def evaluate(expr: sp.Expr) -> Callable[[Point], Any]:
    """Return a function from a point to the value of ``expr``: a number, or a vector."""

    def value(point: Point) -> Any:
        return _Values({symbol: number(place) for symbol, place in point.items()})[expr]

    return value
