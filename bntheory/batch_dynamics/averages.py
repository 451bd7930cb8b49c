"""B1, B2 and B3 of batch normalization in batches of M, from their derivation.

``derive bn-dynamics`` gives them in closed form for the identity, and for ReLU as averages over the
statistics of a batch.  Both are quadratic in gamma, so three coefficients serve every gamma.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bntheory.activations import Activation
from bntheory.batch_dynamics.quadrature import Nodes, nodes

#: Nodes in every direction, and those whose result says how far off it is.
COUNT, COARSE = 32, 24


@dataclass(frozen=True)
class Averages:
    """B1, B2 and B3 at one R, or their slopes in R, as polynomials in gamma.

    Attributes
    ----------
    B1, B2, B3 : array, shape (3,)
        The coefficients of 1, gamma and gamma^2.
    error : float
        An estimate of how far off the coefficients are.
    """

    B1: np.ndarray
    B2: np.ndarray
    B3: np.ndarray
    error: float

    def at(self, gamma: Any) -> tuple[Any, Any, Any]:
        """Return B1, B2 and B3 at a gamma."""
        first, second, third = (
            np.polynomial.polynomial.polyval(gamma, c) for c in (self.B1, self.B2, self.B3)
        )
        return first, second, third


def averages(activation: Activation, R: float, M: int, slope: bool = False) -> Averages:
    """Return B1, B2 and B3 at R, or their slopes in R there.

    Parameters
    ----------
    activation : Activation
        ReLU or the identity.
    R : float
        -1 <= R <= 1.
    M : int
        4 <= M.
    slope : bool
        Whether the slopes are wanted.
    """
    functions = _functions(activation)[slope]
    if len(functions) == 3:  # closed forms
        B1, B2, B3 = (functions[name](R, float(M)) for name in ("B1", "B2", "B3"))
        return Averages(B1, B2, B3, error=0.0)
    fine, coarse = (_quadrature(functions, R, M, nodes(M, count)) for count in (COUNT, COARSE))
    return Averages(*fine, float(np.max(np.abs(np.subtract(fine, coarse)))))


Functions = Mapping[str, Callable[..., np.ndarray]]


@cache
def _functions(activation: Activation) -> tuple[Functions, Functions]:
    """Return functions for what is averaged, and for its slopes in R, by name.

    They take R and M, and what they are averaged over, and return coefficients in gamma.
    """
    import sympy as sp
    from scipy import special

    from bntheory.notation import SYMBOLS
    from derivations import bn_dynamics

    found = bn_dynamics.derive(activation).results
    names = ("R", "M", "sigma_B", "h_hat", "h_hat1", "h_hat2", "arc")
    gamma, R, M, sigma_B, h_hat, h_hat1, h_hat2, arc = (SYMBOLS[n] for n in ("gamma", *names))
    inner: dict[sp.Symbol, sp.Expr] = {}
    if "offset" in found:
        offset = found["offset"]
        inner = {
            SYMBOLS["offset"]: offset,
            SYMBOLS["offset1"]: offset.subs(h_hat, h_hat1),
            SYMBOLS["offset2"]: offset.subs(h_hat, h_hat2),
            SYMBOLS["correlation"]: found["correlation"],
        }
    arguments = {
        "B1": (sigma_B, h_hat),
        "B3": (sigma_B, h_hat),
        "B2_single": (sigma_B, h_hat),
        "B2_pair": (sigma_B, h_hat1, h_hat2),
        "B2_arc": (sigma_B, h_hat1, h_hat2, arc),
        "correlation": (),
    }
    if not inner:
        arguments = {"B1": (), "B2": (), "B3": ()}

    def function(name: str, slope: bool) -> Callable[..., np.ndarray]:
        expr = found[name].subs(inner).subs(SYMBOLS["deviation"], found.get("deviation", 1))
        expr = expr.diff(R) if slope else expr
        expr = expr.replace(sp.gamma, lambda x: sp.exp(sp.loggamma(x)))
        expr = sp.powsimp(expr, combine="exp") if expr.has(sp.loggamma) else expr  # stays finite
        coefficients = [
            expr.subs(gamma, 0),
            expr.diff(gamma).subs(gamma, 0),
            expr.diff(gamma, 2).subs(gamma, 0) / 2,
        ]
        modules = [{"erfc": special.erfc}, "scipy", "numpy"]
        code = sp.lambdify((R, M, *arguments[name]), coefficients, modules, cse=True)

        def evaluated(*given: Any) -> np.ndarray:
            shape = np.broadcast_shapes(*(np.shape(each) for each in given))
            return np.stack([np.broadcast_to(c, shape) for c in code(*given)])

        return evaluated

    values = {name: function(name, False) for name in arguments}
    slopes = {name: function(name, True) for name in arguments}
    if inner:
        slopes["correlation"] = values["correlation"]
    return values, slopes


def _quadrature(
    f: Functions, R: float, M: int, x: Nodes
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return B1, B2 and B3, each three coefficients."""
    size, s = float(M), x.s[:, None]
    single = x.of_s[:, None] * x.of_value
    B1, B3, B2 = (
        (f[name](R, size, s, x.value) * single).sum((1, 2)) for name in ("B1", "B3", "B2_single")
    )
    both = x.of_s[:, None] * x.of_pair
    B2 = B2 + (f["B2_pair"](R, size, s, x.first, x.second) * both).sum((1, 2))
    end = float(np.arcsin(min(1.0, f["correlation"](R, size)[0])))  # at R = 1 it rounds
    arcs = end * x.arc[:, None, None]
    along = f["B2_arc"](R, size, s, x.first, x.second, arcs)
    B2 = B2 + end * np.einsum("cast,a,st->c", along, x.of_arc, both)
    return B1, B2, B3
