"""Every statement is derived for every activation, and its print agrees where it is known to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from mutants import same
from network import NAMES, SLOPE, value

import derivations
from bntheory import paper
from bntheory.notation import SYMBOLS, Gamma
from bntheory.rendering.json import text

PRINTED = {statement.id for statement in paper.STATEMENTS}
IDS = tuple(derivations.available())

#: For ReLU, whether print and derivation agree, relation by relation.
AGREES = {
    "eq5": [False, False],  # a factor 2
    "eq6": [True] * 3,
    "table1-bn": [True] * 3,
    "table1-wn": [True] * 4,
    "table1-sgd": [True] * 5,
    "eq8": [False, True, True],  # gamma^2 lacks a term of order 1/N^2
    "eq9": [True] * 3,
    "eq10": [True] * 3,
    "prop1": [True] * 2,
    "eq13": [True],
    "eq14": [True],
    "eq15": [False],  # pi R is printed for pi
    "prop2": [True] * 11,
    "prop3": [False, True],  # lambda_gamma lacks eta
    "prop4": [True] * 2,
    "prior": [True, True, False, None],  # sigma_B is biased; sigma_P^2 [?] is missing
    "thm1": [True] * 4,
    "eq4": [True, True, None, None],  # the power of a [?]
    "sgd-linear": [True],
    "sgd-relu": [True],
    "wn-linear": [True] * 2,  # as a function of the ridge
    "wn-optimum": [True],  # as a ridge
    "bn-linear": [True],  # the noise model's decay
    "bn-relu": [True],
    "eq16": [True] * 2,
    "eq18": [True] * 2,
    "eq19": [True],
    "prop5": [True],  # by the paper's argument
    "eq22": [None],  # the denominator [?]; right for a = 1
    "eq23": [True] * 2,
    "eq24": [False],  # right for a = 1
    "eq25": [True] * 2,
    "c1-glm": [True] * 2,
    "c1-expansion": [True] * 2,
    "c1-rf": [True] * 2,
    "c1-rq": [True] * 6,
    "c2": [True] * 2,
    "c3-moments": [True] * 2,
    "c3-exact": [True] * 3,
    "c3-simple": [True] * 3,
    "eq7": [True] * 3,
    "c4": [True] * 2,
    "eq1": [True] * 3,
    "eq2": [True],
    "sec2-strength": [True] * 2,
    "sec2-output": [True] * 3,
    "sec2-correlations": [False],  # the sign is that of the correlation
    "sec3-remark": [True, False],  # beyond half of the maximum the effective rate slows it down
}
#: gamma at rest needs an activation that is linear on either side of 0.
OUT_OF_REACH = ("own-batch-rest", "erf")
#: The same for every activation: tried with none and with one.
GENERAL = (
    *("prior", "eq4", "eq7", "c4", "c1-glm", "c1-expansion", "c1-rf", "c1-rq", "c3-moments"),
    *("c3-exact", "c3-simple", "own-batch", "own-batch-gaussian"),
    *("sgd-linear", "sgd-relu", "wn-linear", "wn-optimum", "bn-linear", "bn-relu", "eq16", "eq18"),
    *("eq19", "prop5", "eq22", "eq23", "eq24", "eq25", "rs-relu", "rs-capacity"),
    *("eq1", "eq2", "sec2-strength", "sec2-output", "sec2-correlations"),
)
CASES = [
    (id, name)
    for id in IDS
    for name in ((None, "relu") if id in GENERAL else (None, *NAMES))
    if (id, name) != OUT_OF_REACH
]


@pytest.mark.parametrize(("id", "activation"), CASES)
def test_every_link_holds(derived: Callable[..., Any], id: str, activation: str | None) -> None:
    derivation = derived(id, activation)
    assert derivation.passed
    assert derivation.steps or derivation.cited
    assert derivation.id == id
    own = "linear" if id == "wn-range" else "relu"
    assert derivation.activation in (activation, None if activation else own)


@pytest.mark.parametrize("id", [id for id in IDS if id in PRINTED])
def test_print_and_derivation(derived: Callable[..., Any], id: str) -> None:
    derivation = derived(id, "relu")
    assert [c.agrees for c in derivation.comparisons] == AGREES[id]
    for comparison in derivation.comparisons:
        assert (comparison.counterexample is not None) == (comparison.agrees is False)
        assert comparison.open_reading <= (comparison.agrees is None)


@pytest.mark.parametrize("activation", ["linear", "leaky_relu", "erf"])
@pytest.mark.parametrize("id", [id for id in IDS if id in PRINTED and id not in GENERAL])
def test_what_is_printed_for_relu_is_not_held_against_others(
    derived: Callable[..., Any], id: str, activation: str
) -> None:
    for_relu = {"thm1", "c2", "prop1", "prop3", "prop4", "eq13", "eq14", "eq15"}
    for_relu |= {"sec3-remark"}
    expected = [None] * len(AGREES[id]) if id in for_relu else AGREES[id]
    assert [c.agrees for c in derived(id, activation).comparisons] == expected


@pytest.mark.parametrize("id", [id for id in IDS if id not in PRINTED])
def test_what_another_paper_prints_agrees_and_beyond_there_is_nothing_to_agree_with(
    derived: Callable[..., Any], id: str
) -> None:
    printed = derivations.available()[id].relations
    assert derived(id, "relu").agrees is (True if printed else None)


@pytest.mark.parametrize(("id", "activation"), CASES)
def test_expressions_read_back(
    derived: Callable[..., Any], id: str, activation: str | None
) -> None:
    """The contract of the JSON: ``sympify(text, locals=SYMBOLS)`` gives the expression again.

    The terms may come in another order, so values are compared.
    """
    derivation = derived(id, activation)
    ends = [end for step in derivation.steps for end in (step.before, step.after)]
    for expr in (*ends, *map(sp.sympify, derivation.results.values())):
        if isinstance(expr, sp.core.relational.Relational):  # SymPy decides it as it reads it
            expr = expr.lhs
        back = sp.sympify(text(expr), locals=SYMBOLS)
        back = sp.Tuple(*back) if isinstance(back, tuple) else back
        back = back.replace(Gamma, sp.gamma)
        assert back.free_symbols == expr.free_symbols
        assert same(back, expr)


# -- the misprints are the ones we say they are --------------------------------------------------


def sides(derived: Callable[..., Any], id: str, k: int = 0) -> tuple[sp.Expr, sp.Expr]:
    """Return what is derived and what is printed, for the relation ``k`` of a statement."""
    derivation = derived(id, "relu")
    relation = derivation.comparisons[k].derived
    return relation.lhs, relation.rhs


@pytest.mark.parametrize("k", [0, 1])
def test_the_step_is_twice_the_printed_one(derived: Callable[..., Any], k: int) -> None:
    ours, printed = sides(derived, "eq5", k)
    assert sp.simplify(ours - 2 * printed) == 0
    assert ours != 0


def test_the_step_of_gamma2_lacks_a_term_in_print(derived: Callable[..., Any]) -> None:
    """N^2 times the difference is a square that does not depend on N."""
    ours, printed = sides(derived, "eq8")
    gap = sp.expand(SYMBOLS["N"] ** 2 * (ours - printed))
    assert not gap.has(SYMBOLS["N"])
    numbers = {"eta": 0.7, "delta": -0.4, "u": 1.2, "gamma": 0.8, "zeta": 0.3}
    # eta (delta u / gamma - zeta gamma) = 0.7 (-0.4 * 1.2 / 0.8 - 0.3 * 0.8) = -0.588
    assert value(gap, **numbers) == pytest.approx(0.588**2, rel=1e-12)


def test_one_pi_of_the_print_has_an_overlap_too_many(derived: Callable[..., Any]) -> None:
    """With pi for pi R, I2 as printed is I2 as derived; they agree at R = 1 alone."""
    ours, printed = sides(derived, "eq15")
    for gamma, R in ((0.5, -0.7), (1.3, 0.2), (0.9, 0.95)):
        gap = value(ours - printed, gamma=gamma, R=R)
        assert gap == pytest.approx((1 - R) / 4, rel=1e-12)


def test_the_eigenvalue_of_gamma_is_per_unit_of_eta_in_print(derived: Callable[..., Any]) -> None:
    ours, printed = sides(derived, "prop3")
    for eta, zeta in ((0.1, 0.4), (2.0, 1.5)):
        ratio = value(ours, eta=eta, zeta=zeta) / value(printed, zeta=zeta)
        assert ratio == pytest.approx(eta, rel=1e-12)


# -- between the activations ---------------------------------------------------------------------

POINT = {
    "gamma": 0.7,
    "R": 0.4,
    "L": 1.3,
    "eta": 0.2,
    "zeta": 0.35,
    "L0": 0.9,
    "gamma0": 0.6,
    "eta_eff_bn": 0.5,
    "M": 16,
}
LEAKY = ["eq10", "eq13", "eq14", "eq15", "prop1", "prop3", "prop4", "table1-bn", "table1-wn",
         "table1-sgd", "drift", "online-error", "own-batch-rest"]


def numbers(result: Any, slope: int | float) -> list[float]:
    """Return the values of a result, its slope and every parameter put in."""
    entries = result if isinstance(result, (sp.Tuple, sp.MatrixBase)) else [result]
    leaky = [e.subs(SYMBOLS["slope"], slope) for e in map(sp.sympify, entries)]
    return [value(e, **POINT) for e in leaky]


@pytest.mark.parametrize(("slope", "other"), [(0, "relu"), (1, "linear")])
@pytest.mark.parametrize("id", LEAKY)
def test_leaky_relu_joins_relu_and_linear(
    derived: Callable[..., Any], id: str, slope: int, other: str
) -> None:
    leaky, plain = derived(id, "leaky_relu").results, derived(id, other).results
    assert set(leaky) == set(plain)
    for name in leaky:
        if sp.sympify(leaky[name]).atoms(*OPEN):
            continue
        assert numbers(leaky[name], slope) == pytest.approx(
            numbers(plain[name], slope), rel=1e-10, abs=1e-12
        ), name


OPEN = tuple(SYMBOLS[name] for name in ("I1", "I2", "I3"))


@pytest.mark.parametrize("id", ["eq13", "eq14", "eq15", "eq10", "prop3", "table1-bn"])
def test_activations_differ(derived: Callable[..., Any], id: str) -> None:
    """The results really are those of the activation: no two of them are the same."""
    (name,) = [
        n
        for n in ("I1", "I2", "I3", "bn_rates", "bn_lambda_R", "bn_eta_max")
        if n in derived(id, "relu").results
    ]
    found = [numbers(derived(id, a)[name], SLOPE) for a in NAMES]
    for n, one in enumerate(found):
        assert all(one != pytest.approx(two, rel=1e-3) for two in found[:n])
