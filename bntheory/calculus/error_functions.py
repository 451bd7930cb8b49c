"""Gaussian expectations of polynomials, Gaussians and at most two error functions.

For a centred Gaussian vector z with covariance C, three moves reach everything:

* a Gaussian factor exp(-z.A z) tilts the measure: C becomes (C^-1 + 2A)^-1 = (1 + 2CA)^-1 C, and
  the factor det(1 + 2CA)^(-1/2) comes out;
* a power of z comes down by Stein's lemma [stein1981], E[z_i F] = sum_j C_ij E[dF/dz_j], which
  turns error functions into Gaussians as it differentiates them;
* E[erf(s) erf(t)], with s and t linear in z, is differentiated in their covariance c (Price's
  theorem [price1958]: d/dc E[F(s) G(t)] = E[F'(s) G'(t)]), which leaves a Gaussian integral, and
  integrated back from c = 0, where s and t are independent and the expectation is zero.

One error function alone is odd and has no expectation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import sympy as sp

#: Moves beyond which a closed form is not waited for, some tens of seconds; and how many others
#: a tilt of the measure takes as long as.
MOST, TILT = 50_000, 30


class NotReached(ValueError):
    """The integrand is not a sum of terms that the method reaches."""


@dataclass(frozen=True)
class Term:
    """coefficient * u^powers[0] * v^powers[1] * exp(-z.A z) * product of erf(k.z), z = (u, v)."""

    coefficient: sp.Expr
    powers: tuple[int, int]
    exponent: sp.ImmutableMatrix
    erfs: tuple[sp.ImmutableMatrix, ...] = field(default=())


def _linear(argument: sp.Expr, z: tuple[sp.Symbol, sp.Symbol]) -> sp.ImmutableMatrix:
    row = sp.ImmutableMatrix([[sp.diff(argument, variable) for variable in z]])
    if row.has(*z) or sp.expand(argument - row.dot(sp.Matrix(z))) != 0:
        raise NotReached(f"erf({argument}) is not odd and linear")
    return row


def _quadratic(argument: sp.Expr, z: tuple[sp.Symbol, sp.Symbol]) -> sp.ImmutableMatrix:
    form = sp.ImmutableMatrix(-sp.hessian(argument, z) / 2)
    vector = sp.Matrix(z)
    if form.has(*z) or sp.expand(argument + (vector.T * form * vector)[0]) != 0:
        raise NotReached(f"exp({argument}) is not a centred Gaussian")
    return form


def _term(product: sp.Expr, z: tuple[sp.Symbol, sp.Symbol]) -> Term:
    coefficient, powers = sp.S.One, [0, 0]
    exponent, erfs = sp.zeros(2), []
    for factor in sp.Mul.make_args(product):
        base, power = factor.as_base_exp() if not isinstance(factor, sp.exp) else (factor, sp.S.One)
        if not factor.has(*z):
            coefficient *= factor
        elif base in z and power.is_Integer and power > 0:
            powers[z.index(base)] += int(power)
        elif isinstance(base, sp.exp):
            exponent += power * _quadratic(sp.expand(base.args[0]), z)
        elif isinstance(base, sp.erf) and power.is_Integer and power > 0:
            erfs += [_linear(base.args[0], z)] * int(power)
        else:
            raise NotReached(f"{factor} is not a power, a Gaussian or an error function")
    return Term(coefficient, (powers[0], powers[1]), sp.ImmutableMatrix(exponent), tuple(erfs))


@cache
def _law_of_two() -> tuple[sp.Expr, sp.Symbol]:
    """Return E[erf(s) erf(t)] as an odd function of y = 2c / sqrt((1 + 2a)(1 + 2b)).

    Here a, b are the variances of s, t and c their covariance.
    """
    s, y = sp.Symbol("s", real=True), sp.Symbol("y", real=True)
    height = sp.diff(sp.erf(s), s) / sp.exp(-(s**2))
    # dE/dc = E[erf'(s) erf'(t)] = height^2 / sqrt((1 + 2a)(1 + 2b) - 4c^2), and dc = dy sqrt(..)/2
    primitive = sp.integrate(height**2 / (2 * sp.sqrt(1 - y**2)), y)
    return primitive - primitive.subs(y, 0), y


def _two_erfs(left: sp.Matrix, right: sp.Matrix, covariance: sp.Matrix) -> sp.Expr:
    """Return E[erf(s) erf(t)] for s = left.z, t = right.z."""
    c_up, c_low = sp.fraction(sp.factor((left * covariance * right.T)[0]))
    (s_up, s_low), (t_up, t_low) = (
        sp.fraction(sp.factor(1 + 2 * (row * covariance * row.T)[0])) for row in (left, right)
    )
    top = sp.cancel(2 * c_up * sp.sqrt(s_low) * sp.sqrt(t_low) / c_low)
    bottom = sp.sqrt(s_up) * sp.sqrt(t_up)
    law, y = _law_of_two()
    return law.subs(y, sp.cancel(top / bottom) if s_up == t_up else top / bottom)


@cache
def _moves(powers: tuple[int, int], erfs: int, tilts: int = 0) -> int:
    """Return how many moves a term takes: each power of z makes several terms of one.

    Parameters
    ----------
    powers : tuple of int
        Of u and v.
    erfs, tilts : int
        How many error functions and Gaussian factors it has.
    """
    total = 1 + TILT * tilts
    if not any(powers):
        return total
    i = 0 if powers[0] else 1
    rest = (powers[0] - (i == 0), powers[1] - (i == 1))
    for j in (0, 1):
        if rest[j]:
            total += _moves((rest[0] - (j == 0), rest[1] - (j == 1)), erfs)
        if erfs:
            total += erfs * _moves(rest, erfs - 1, 1)
    return total


def _expect(term: Term, covariance: sp.Matrix) -> sp.Expr:
    if not term.exponent.is_zero_matrix:
        tilt = (sp.eye(2) + 2 * covariance * term.exponent).applyfunc(sp.expand)
        determinant = sp.factor(sp.expand(tilt.det()))
        tilted = (tilt.adjugate() * covariance).applyfunc(sp.factor) / determinant
        untilted = Term(term.coefficient, term.powers, sp.ImmutableMatrix(sp.zeros(2)), term.erfs)
        return _expect(untilted, tilted.applyfunc(sp.cancel)) / sp.sqrt(determinant)
    if any(term.powers):
        return _by_stein(term, covariance)
    if len(term.erfs) % 2:
        return sp.S.Zero
    if not term.erfs:
        return term.coefficient
    if len(term.erfs) == 2:
        return term.coefficient * _two_erfs(*term.erfs, covariance)
    raise NotReached("more than two error functions in one term")


def _by_stein(term: Term, covariance: sp.Matrix) -> sp.Expr:
    """Lower a power of z_i: E[z_i F] = sum_j C_ij E[dF/dz_j]."""
    i = 0 if term.powers[0] else 1
    rest = (term.powers[0] - (i == 0), term.powers[1] - (i == 1))
    total = sp.S.Zero
    for j in (0, 1):
        weight = covariance[i, j]
        if rest[j]:
            lowered = (rest[0] - (j == 0), rest[1] - (j == 1))
            total += weight * _expect(
                Term(term.coefficient * rest[j], lowered, term.exponent, term.erfs), covariance
            )
        for n, row in enumerate(term.erfs):
            # d erf(k.z)/dz_j = k_j (2/sqrt(pi)) exp(-(k.z)^2)
            others = term.erfs[:n] + term.erfs[n + 1 :]
            constant = term.coefficient * row[j] * 2 / sp.sqrt(sp.pi)
            total += weight * _expect(
                Term(constant, rest, sp.ImmutableMatrix(row.T * row), others), covariance
            )
    return total


def expectation(
    integrand: sp.Expr, z: tuple[sp.Symbol, sp.Symbol], covariance: sp.Matrix
) -> sp.Expr:
    """Return E[integrand] over the centred Gaussian pair ``z``.

    Parameters
    ----------
    integrand : Expr
        A sum of products of powers of z, Gaussians exp(-quadratic) and erf(linear).
    z : pair of Symbol
        The Gaussian variables.
    covariance : 2x2 Matrix
        Their covariance.

    Raises
    ------
    NotReached
        Where a term is of another kind, or has more than two error functions, or all together take
        too long: that is known beforehand.
    """
    products = sp.Add.make_args(sp.expand(sp.powsimp(sp.expand(integrand))))
    terms = [_term(product, z) for product in products]
    moves = (
        _moves(term.powers, len(term.erfs), not term.exponent.is_zero_matrix) for term in terms
    )
    if sum(moves) > MOST:
        raise NotReached(f"it takes more than {MOST:,} moves")
    return sp.Add(*(_expect(term, covariance) for term in terms))
