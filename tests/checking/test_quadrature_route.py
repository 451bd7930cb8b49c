"""Quadrature of an integrand takes the right expectation and refuses what is slightly off."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from bntheory.checking import quadrature
from bntheory.notation import SYMBOLS

R, gamma, slope, u, v = (SYMBOLS[name] for name in ("R", "gamma", "slope", "u", "v"))
LAW = sp.Matrix([[gamma**2, gamma * R], [gamma * R, 1]])
ROOT = sp.sqrt(1 - R**2)
STEP = [sp.Piecewise((1, z > 0), (0, True)) for z in (u, v)]

#: Integrands with expectations from the literature or of one line.
KNOWN = {
    "Isserlis": (u**2 * v**2, gamma**2 * (1 + 2 * R**2)),
    "Isserlis, sixth moment": (u**3 * v**3, gamma**3 * (9 * R + 6 * R**3)),
    "Sheppard": (STEP[0] * STEP[1], sp.Rational(1, 4) + sp.asin(R) / (2 * sp.pi)),
    "Cho and Saul": (
        u * STEP[0] * v * STEP[1],
        gamma * (ROOT + R * (sp.pi / 2 + sp.asin(R))) / (2 * sp.pi),
    ),
    "Williams": (
        sp.erf(u / sp.sqrt(2)) * sp.erf(v / sp.sqrt(2)),
        2 / sp.pi * sp.asin(gamma * R / sp.sqrt(2 * (1 + gamma**2))),
    ),
    "a Gaussian": (sp.exp(-(u**2) / 2), 1 / sp.sqrt(1 + gamma**2)),
    "a slope": (sp.Abs(u) * slope, gamma * slope * sp.sqrt(2 / sp.pi)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_expectations_are_taken(name: str) -> None:
    integrand, mean = KNOWN[name]
    check = quadrature(integrand, (u, v), LAW, mean)
    assert check.passed and check.method == "sampled"
    assert check.digits >= 10 and check.points == 3


@pytest.mark.parametrize("error", [Fraction(1, 10**6), Fraction(-1, 10**6), Fraction(1, 10**9)])
@pytest.mark.parametrize("name", KNOWN)
def test_a_small_relative_error_is_refused(name: str, error: Fraction) -> None:
    integrand, mean = KNOWN[name]
    assert not quadrature(integrand, (u, v), LAW, mean * (1 + sp.Rational(error))).passed


@pytest.mark.parametrize("name", KNOWN)
def test_other_laws_and_integrands_are_refused(name: str) -> None:
    integrand, mean = KNOWN[name]
    wider = LAW.subs(gamma, 2 * gamma)
    assert not quadrature(integrand, (u, v), wider, mean).passed or not mean.has(gamma)
    turned = LAW.subs(R, -R / 2)
    assert not quadrature(integrand, (u, v), turned, mean).passed or not mean.has(R)
    assert not quadrature(integrand + sp.Rational(1, 10**6), (u, v), LAW, mean).passed


def test_nothing_is_taken_for_zero() -> None:
    """An odd integrand has mean zero, and nothing else."""
    assert quadrature(u * v**2, (u, v), LAW, sp.S.Zero).passed
    assert not quadrature(u * v**2, (u, v), LAW, sp.Rational(1, 10**9)).passed
    assert not quadrature(u * v, (u, v), LAW, sp.S.Zero).passed


def test_it_works_without_free_parameters() -> None:
    law = sp.Matrix([[4, sp.Rational(1, 2)], [sp.Rational(1, 2), 1]])
    assert quadrature(u * v, (u, v), law, sp.Rational(1, 2)).passed
    assert not quadrature(u * v, (u, v), law, sp.Rational(501, 1000)).passed
