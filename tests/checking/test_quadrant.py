"""The mean product over a quadrant: Rosenbaum's form (1961) is taken, what is off is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from bntheory.checking import quadrant
from bntheory.notation import SYMBOLS

k1, k2, r, arc = sp.symbols("k1 k2 r arc", real=True)
NAMES = (k1, k2, r)
ROOT, MILLIONTH = sp.sqrt(1 - r**2), sp.Rational(1, 10**6)


def density(k: sp.Expr) -> sp.Expr:
    return sp.exp(-(k**2) / 2) / sp.sqrt(2 * sp.pi)


def below(k: sp.Expr) -> sp.Expr:
    return (1 + sp.erf(k / sp.sqrt(2))) / 2


def joint(r: sp.Expr, root: sp.Expr) -> sp.Expr:
    """Return 2 pi times the joint density of both fields at 0, times the root of 1 - r^2."""
    return sp.exp(-(k1**2 + k2**2 - 2 * k1 * k2 * r) / (2 * root**2))


#: The chance of the quadrant is that of no correlation and an integral of Plackett's (1954).
CHANCE = joint(sp.sin(arc), sp.cos(arc)) / (2 * sp.pi)
RIGHT = sp.Tuple(
    (k1 * k2 + r) * below(k1) * below(k2)
    + k2 * density(k1) * below((k2 - r * k1) / ROOT)
    + k1 * density(k2) * below((k1 - r * k2) / ROOT)
    + ROOT * joint(r, ROOT) / (2 * sp.pi),
    (k1 * k2 + r) * CHANCE,
)


def test_the_published_form_is_taken() -> None:
    check = quadrant(NAMES, arc, RIGHT)
    assert check.passed and check.method == "sampled"
    assert check.points == 3 and check.digits >= 11


WRONG: dict[str, Callable[[sp.Expr, sp.Expr], tuple[sp.Expr, sp.Expr]]] = {
    "sign": lambda a, b: (-a, -b),
    "factor 2": lambda a, b: (2 * a, 2 * b),
    "1e-6 off": lambda a, b: (a * (1 + MILLIONTH), b),
    "1e-6 off in the integral": lambda a, b: (a, b * (1 + MILLIONTH)),
    "1e-6 added": lambda a, b: (a + MILLIONTH, b),
    "no integral": lambda a, b: (a, sp.S.Zero),
    "term dropped": lambda a, b: (sp.Add(*a.args[1:]), b),
    "fields exchanged in one place": lambda a, b: (a.subs(k1 * k2, k1**2), b),
    "no correlation": lambda a, b: (a.subs(r, 0), b.subs(r, 0)),
    "the other correlation": lambda a, b: (a.subs(r, -r), b),
    "arc for its sine": lambda a, b: (a, b.subs(sp.sin(arc), arc)),
    "another symbol": lambda a, b: (a + SYMBOLS["L"] * MILLIONTH, b),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_off_is_refused(wrong: str) -> None:
    assert not quadrant(NAMES, arc, sp.Tuple(*WRONG[wrong](*RIGHT))).passed
