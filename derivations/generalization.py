"""The offline teacher-student model of Sec. 4: P fixed samples, a noisy linear teacher.

y_star = w*.x + s with x ~ N(0, I/N) and s ~ N(0, S).  The generalization error is that of the
student against the teacher without its noise, over fresh x.
"""

from __future__ import annotations

import sympy as sp

from bntheory import checking
from bntheory.calculus import spectrum
from bntheory.notation import SYMBOLS
from bntheory.proof import Proof

alpha, S, zeta, ridge = (SYMBOLS[name] for name in ("alpha", "S", "zeta", "ridge"))
gamma, R, q, beta, a = (SYMBOLS[name] for name in ("gamma", "R", "q", "beta", "a"))
N, P, epsilon = SYMBOLS["N"], SYMBOLS["P"], SYMBOLS["epsilon"]
h1, h2, h3, s = (SYMBOLS[name] for name in ("h1", "h2", "h3", "s"))

GAUSSIAN_SAMPLES = "P = alpha N samples x ~ N(0, I/N), drawn once"
LARGE_N = "N -> oo at fixed alpha = P/N"
NOISY_TEACHER = "the teacher is linear, with noise s ~ N(0, S)"


def positive_root(
    d: Proof, title: str, quadratic: sp.Expr, symbol: sp.Symbol, name: sp.Expr | None = None
) -> sp.Expr:
    """Solve a quadratic for its positive root; checked by the residual and the sign."""

    def verify(after: sp.Expr) -> checking.Check:
        check = checking.residual(quadratic, symbol, after)
        positive = checking.sign(sp.Gt(after, 0, evaluate=False)) if check.passed else check
        return check if positive.passed else positive

    root = spectrum.positive_root(quadratic, symbol)
    return d.step("solve", title, quadratic, root, verify, symbol if name is None else name)


def joined(load: int, below: sp.Expr, above: sp.Expr, noiseless: sp.Expr) -> sp.Piecewise:
    """Join what holds on both sides of a load where noise, if there is any, makes a pole."""
    return sp.Piecewise(
        (below, alpha < load), (above, alpha > load), (sp.oo, S > 0), (noiseless, True)
    )


def by_noise(expr: sp.Expr) -> sp.Expr:
    """Collect what is multiplied by the variance of the noise."""
    return sp.Add(*(S**k * sp.factor(c) for (k,), c in sp.Poly(expr, S).terms()))
