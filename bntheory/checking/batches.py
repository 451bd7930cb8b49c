"""Batch statistics, checked by enumerating every batch of a discrete law, and by explicit batches.

The law of the enumeration has a few atoms, mean 0 and variance 1, and otherwise nothing special:
it is skewed, and its kurtosis is not the one that two atoms would force.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import mpmath as mp
import sympy as sp

from bntheory.checking.check import PRECISION, Check, sampled
from bntheory.checking.evaluation import evaluate
from bntheory.checking.points import strangers

Atoms = list[tuple[Any, dict[sp.Symbol, Any]]]

#: A mixture of two standardized laws with two atoms each: (probability, value).
LAW = ((2, 5, -1, 2), (1, 10, 2, 1), (1, 4, 1, 1), (1, 4, -1, 1))


def enumeration(
    terms: Mapping[sp.Symbol, sp.Expr], moments: Mapping[sp.Expr, sp.Expr], count: sp.Expr,
    monomials: sp.Tuple, after: sp.Tuple,
) -> Check:
    """Check joint moments of sums over the samples of a batch.

    Parameters
    ----------
    terms : mapping
        From the name of each sum to one term of it.
    moments : mapping
        What the law of one sample calls its moments.
    count : Expr
        How many samples are summed, as a function of tau = 1/sqrt(M).
    monomials, after : Tuple
        Products of sums, and their expectations.
    """
    fields = sorted(set().union(*(m.free_symbols for m in moments)), key=str)
    (size,) = count.free_symbols
    with mp.workdps(PRECISION):
        atoms = _atoms(fields, named=any(v.free_symbols for v in moments.values()))
        names = _values_of_names(atoms, moments)
        sizes, pairs = (2, 3, 4) if len(atoms) < 10 else (2,), []
        for batch in sizes:
            point = {**names, size: 1 / mp.sqrt(batch)}
            values = [mp.mpf(0)] * len(monomials)
            single = [
                (p, {name: evaluate(term)({**point, **atom}) for name, term in terms.items()})
                for p, atom in atoms
            ]
            for chosen in product(single, repeat=round(evaluate(count)(point))):
                weight = mp.fprod(p for p, _ in chosen)
                sums = {name: mp.fsum(term[name] for _, term in chosen) for name in terms}
                for k, monomial in enumerate(monomials):
                    values[k] += weight * evaluate(monomial)(sums)
            at = {**strangers(after, point), **point}
            pairs += [
                (value, evaluate(expr)(at)) for value, expr in zip(values, after, strict=True)
            ]
        return sampled("every batch of a law with few atoms", pairs, PRECISION - 10, len(sizes))


def _atoms(fields: list[sp.Symbol], named: bool) -> Atoms:
    """Return a discrete law of one field or of two dependent ones; a Gaussian's where ``named``.

    Five nodes of Gauss and Hermite have the moments of a Gaussian up to the ninth.
    """
    if not named:
        nodes = mp.polyroots([1, 0, -10, 0, 15, 0], maxsteps=200, extraprec=200)
        line = [(120 / (25 * (x**4 - 6 * x**2 + 3) ** 2), x) for x in nodes]
    else:
        line = [(mp.mpf(p) / q, mp.mpf(x) / d) for p, q, x, d in LAW]
    if len(fields) == 1:
        return [(p, {fields[0]: x}) for p, x in line]
    first, second = fields
    together = [(p / 2, {first: x, second: -x}) for p, x in line]
    apart = [(p * q / 2, {first: x, second: y}) for p, x in line for q, y in line]
    return together + apart


def _values_of_names(atoms: Atoms, moments: Mapping[sp.Expr, sp.Expr]) -> dict[sp.Symbol, Any]:
    """Return what the names of the moments are for a discrete law: each brings one new name."""
    names: dict[sp.Symbol, Any] = {}
    for monomial, value in sorted(moments.items(), key=lambda pair: len(pair[1].free_symbols)):
        unknown = value.free_symbols - set(names)
        mean = mp.fsum(p * evaluate(monomial)(atom) for p, atom in atoms)
        for symbol in unknown:
            rest, slope = (evaluate(e)(names) for e in (value.subs(symbol, 0), value.diff(symbol)))
            names[symbol] = (mean - rest) / slope
    return names


def explicit_batch(after: sp.Tuple, member: sp.Symbol, sums: tuple[sp.Symbol, sp.Symbol],
                   size: sp.Symbol) -> Check:
    """Check the mean and the variance of a batch, in terms of one member and of two sums.

    ``sums`` are those of z and z^2 - 1 over the other members, over the root of the batch size.
    """
    pairs, batches = [], ((3, -1), (1, 2, -2), (-1, 4, 0, 3, 5))
    with mp.workdps(PRECISION):
        for batch in batches:
            scale, M = 1 / mp.sqrt(len(batch)), len(batch)
            point = {
                member: mp.mpf(batch[0]),
                sums[0]: scale * sum(batch[1:]),
                sums[1]: scale * sum(x * x - 1 for x in batch[1:]),
                size: scale,
            }
            mean = mp.mpf(sum(batch)) / M
            variance = sum((x - mean) ** 2 for x in batch) / M
            at = {**strangers(after, point), **point}
            found = (evaluate(expr)(at) for expr in after)
            pairs += list(zip((mean, variance), found, strict=True))
        return sampled("explicit batches", pairs, PRECISION - 10, len(batches))


def gaussian_batch(size: int) -> tuple[float, float]:
    """Return E[s] and E[-z z_hat; z < 0 < z_hat] of a standard Gaussian batch, by quadrature.

    z = m + s z_hat with m, s and z_hat independent: m is Gaussian with variance 1/M, M s^2 is
    chi-square with M - 1 degrees of freedom, and z_hat^2/(M - 1) has a beta distribution.
    """
    import numpy as np
    from scipy.special import gammaln, ndtr

    nodes, weights = np.polynomial.legendre.leggauss(300)
    freedom, root = size - 1, np.sqrt(size)
    low, high = max(0.0, 1 - 12 / np.sqrt(2 * size)), 1 + 12 / np.sqrt(2 * size)
    s = low + (high - low) * (nodes + 1) / 2
    log_chi2 = (freedom / 2 - 1) * np.log(size * s**2) - size * s**2 / 2
    log_chi2 -= freedom / 2 * np.log(2) + gammaln(freedom / 2)
    of_s = (high - low) / 2 * weights * 2 * size * s * np.exp(log_chi2)

    reach = min(20 / root, np.sqrt(freedom) / 2)  # half of z_hat, as far as z < 0 reaches
    x = reach * (nodes + 1)
    log_density = gammaln(freedom / 2) - gammaln((freedom - 1) / 2) - np.log(np.pi * freedom) / 2
    log_density = log_density + (freedom - 3) / 2 * np.log1p(-(x**2) / freedom)
    of_x = reach * weights * np.exp(log_density)
    t = root * np.outer(x, s)
    below = (np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) - t * ndtr(-t)) / root  # E[(m + s x)_-]
    return float(of_s @ s), float((of_x * x) @ below @ of_s)


def quadrant(names: tuple[sp.Symbol, ...], arc: sp.Symbol, after: sp.Tuple) -> Check:
    """Check the mean product of two Gaussian fields where both are above 0, by quadrature.

    ``names`` are their means and their correlation; the claim is the first entry of ``after`` and
    the integral of the second over ``arc`` from 0 to the arcsine of the correlation.
    """
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(100)
    pairs = []
    for means, r in (((0.3, 1.1), 0.4), ((-0.8, 0.5), 0.9), ((1.5, -0.2), 0.05)):
        point = dict(zip(names, (*means, r), strict=True))
        point = {**strangers(after, (*names, arc)), **point}
        x = 5 * (nodes + 1)  # as far as the fields go
        first, second = x[:, None] - means[0], x - means[1]
        density = np.exp(-(first**2 - 2 * r * first * second + second**2) / (2 * (1 - r * r)))
        density /= 2 * np.pi * np.sqrt(1 - r * r)
        mean = 25 * (weights * x) @ density @ (weights * x)
        end = np.arcsin(r)
        values = [float(evaluate(after[1])({**point, arc: end * (a + 1) / 2})) for a in nodes]
        claimed = float(evaluate(after[0])({**point, arc: end})) + end / 2 * float(weights @ values)
        pairs.append((mp.mpf(mean), mp.mpf(claimed)))
    return sampled("quadrature over the quadrant", pairs, 9, len(pairs))
