"""Gaussian expectations without a closed form: the integral in polar coordinates, and its value.

With u = scale * r cos(phi) and v = r cos(phi - theta), R = cos(theta), an activation's kink at 0
lies on the rays where u or v changes sign.  Between two such rays the integrand is smooth, and
Gauss-Legendre quadrature in phi and r converges fast.  The error that is stated is the difference
between two resolutions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import sympy as sp

    from bntheory.calculus.gaussian import NormalPair

REACH = 12.0  # standard deviations; the Gaussian beyond weighs less than 1e-31
NODES = (64, 96)  # in the angle of a sector and along the radius, at the two resolutions


class Value(NamedTuple):
    """A number and a bound on its error."""

    value: float
    error: float


def integral(integrand: sp.Expr, pair: NormalPair) -> sp.Expr:
    """Return E[integrand] as unevaluated integrals over the sectors between the rays."""
    import sympy as sp

    r, phi = sp.Symbol("r", positive=True), sp.Symbol("phi", real=True)
    theta = sp.acos(pair.correlation)
    inside = integrand.subs(
        {pair.u: pair.scale * r * sp.cos(phi), pair.v: r * sp.cos(phi - theta)}, simultaneous=True
    )
    density = r * sp.exp(-(r**2) / 2) / (2 * sp.pi)
    rays = _rays(sp.pi, theta)
    sectors = zip(rays, rays[1:], strict=False)
    return sp.Add(*(sp.Integral(inside * density, (r, 0, sp.oo), (phi, *s)) for s in sectors))


def _rays(pi: Any, theta: Any) -> list[Any]:
    """Return the angles where u or v is zero, once around; theta lies in [0, pi]."""
    return [-pi / 2, theta - pi / 2, pi / 2, theta + pi / 2, 3 * pi / 2]


@cache
def _legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    x, weights = np.polynomial.legendre.leggauss(nodes)
    return (x + 1) / 2, weights / 2


def mean(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray], scale: float, correlation: float
) -> Value:
    """Return E[function(u, v)] with the error that two resolutions disagree by.

    Parameters
    ----------
    function : callable
        Of two arrays, smooth but for kinks at u = 0 and v = 0.
    scale : float
        Standard deviation of u, positive; that of v is 1.
    correlation : float
        In [-1, 1].

    Raises
    ------
    ValueError
        Outside that domain.
    """
    import numpy as np

    if not scale > 0:
        raise ValueError(f"scale is {scale}; it has to be positive")
    if not -1 <= correlation <= 1:
        raise ValueError(f"correlation is {correlation}; it has to lie in [-1, 1]")
    theta = float(np.arccos(correlation))
    rays = _rays(np.pi, theta)

    def resolved(nodes: int) -> float:
        line, weights = _legendre(nodes)
        r, total = REACH * line, 0.0
        radial = REACH * weights * r * np.exp(-(r**2) / 2) / (2 * np.pi)
        for start, end in zip(rays, rays[1:], strict=False):
            phi = (start + (end - start) * line)[:, None]
            values = function(scale * r * np.cos(phi), r * np.cos(phi - theta))
            total += (end - start) * float(weights @ values @ radial)
        return total

    coarse, fine = (resolved(nodes) for nodes in NODES)
    return Value(fine, abs(fine - coarse) + 1e-15 * abs(fine))


class Integrals(NamedTuple):
    """I1, I2, I3 with their errors."""

    I1: Value
    I2: Value
    I3: Value


def _central_difference(function: Callable[..., Any]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the slope of a function, never taken across the kink at 0."""
    import numpy as np

    step = 6e-6  # the cube root of the rounding error, where both errors are least

    def slope(z: np.ndarray) -> np.ndarray:
        h = np.minimum(step, np.abs(z) / 2)
        return np.asarray((function(z + h) - function(z - h)) / (2 * h))

    return slope


def _numeric(activation: Any) -> list[Callable[..., Any]]:
    """Return g and g' as NumPy functions."""
    import numpy as np
    import sympy as sp

    from bntheory.activations import X, of

    known = of(activation)
    if known.parameters:
        raise ValueError(f"{known.name} has a free parameter, {known.parameters[0]}")
    modules: list[Any] = [np]
    if known.expr.has(sp.erf, sp.erfc):
        from scipy import special

        modules.insert(0, {"erf": special.erf, "erfc": special.erfc})
    return [sp.lambdify(X, e, modules) for e in (known.expr, known.derivative(X))]


def integrals(
    activation: Any,
    gamma: float,
    R: float,
    derivative: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Integrals:
    """Return I1, I2, I3 of Eq. (6) for any activation, by quadrature.

    Parameters
    ----------
    activation : str, Activation, Expr or callable
        A name, an expression in x, or a Python function of an array with its kink, if any, at 0.
    gamma : float
        Positive.
    R : float
        In [-1, 1].
    derivative : callable, optional
        g' for a Python function; without it, central differences, good to about nine digits.

    Returns
    -------
    Integrals
        Each with its value and an estimate of its error.

    Raises
    ------
    ValueError
        Outside the domain, or if ``activation`` is no activation function.

    Examples
    --------
    >>> i1, _, _ = integrals("tanh(x)", gamma=1.0, R=1.0)
    >>> abs(i1.value) < 1e-15
    True
    """
    import numpy as np

    if callable(activation) and not hasattr(activation, "expr"):
        g, g_prime = activation, derivative or _central_difference(activation)
    else:
        g, g_prime = _numeric(activation)

    def delta(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.asarray(g_prime(u) * (g(v) - g(u)))

    return Integrals(
        mean(lambda u, v: delta(u, v) * u, gamma, R),
        mean(lambda u, v: delta(u, v) ** 2, gamma, R),
        mean(lambda u, v: delta(u, v) * v, gamma, R),
    )
