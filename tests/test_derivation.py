"""The notebook of a derivation: what it refuses, what makes it fail, how it compares with print."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp

import derivations
from bntheory import paper
from bntheory.calculus import gaussian, overlaps, radicals
from bntheory.comparison import compare
from bntheory.derivation import NEVER, Derivation, Step
from bntheory.notation import SYMBOLS, dot
from bntheory.paper import Statement
from bntheory.proof import Proof

R, gamma, eta, N, zeta = (SYMBOLS[name] for name in ("R", "gamma", "eta", "N", "zeta"))
gamma0, R0, w, x, u, v = (SYMBOLS[name] for name in ("gamma0", "R0", "w", "x", "u", "v"))
FIELDS = gaussian.NormalPair(u, v, gamma, R)


def statement(*relations: str) -> Statement:
    return Statement("test", "a statement", "nowhere", relations)


@pytest.fixture
def proof() -> Proof:
    return Proof(statement())


# -- rules ---------------------------------------------------------------------------------------


def test_every_verb_leaves_a_checked_step(proof: Proof) -> None:
    """The results are known: each is written down next to the verb that has to find it."""
    law = sp.ImmutableMatrix([[gamma, 2], [0, R]])
    after = {
        "differentiate": (proof.differentiate("", gamma * R**3, R), 3 * gamma * R**2),
        "rewrite": (proof.rewrite("", (R + 1) ** 2, sp.expand), R**2 + 2 * R + 1),
        "substitute": (proof.substitute("", R + gamma, {R: gamma, gamma: R}), R + gamma),
        "limit": (proof.limit("", (2 * N + 1) / N, N, sp.oo), sp.Integer(2)),
        "slope": (proof.slope("", R**3 * gamma, R, 1), 3 * gamma),
        "jacobian": (
            proof.jacobian("", sp.Tuple(gamma * R, R**2), (gamma, R)),
            sp.ImmutableMatrix([[R, gamma], [0, 2 * R]]),
        ),
        "eigenvalues": (proof.eigenvalues("", law), sp.Tuple(gamma, R)),
        "solve": (proof.solve("", 3 * gamma - zeta, gamma), zeta / 3),
        "drop": (proof.drop("", 1 + eta + eta**2, eta, 2), 1 + eta),
        "gradient": (proof.gradient("", dot(w, x) ** 2, w), 2 * dot(w, x) * x),
        "overlap": (proof.overlap("", dot(w + x, w), (w, x)), dot(w, w) + dot(w, x)),
        "average": (proof.average("", eta * u * v + 2, {u * v: R}), eta * R + 2),
        "neglect": (proof.neglect("", gamma + zeta, {zeta: 0}, "O(zeta)"), gamma),
        "expect": (proof.expect("", u * v, FIELDS), gamma * R),
    }
    proof.sign("", gamma, ">")
    for verb, (got, wanted) in after.items():
        several = isinstance(got, (sp.Tuple, sp.MatrixBase))
        pairs = zip(got, wanted, strict=True) if several else [(got, wanted)]
        assert all(sp.expand(a - b) == 0 for a, b in pairs), verb
    steps = proof.conclude().steps
    assert len(steps) == len(after) + 1
    assert all(step.check.passed for step in steps)
    assert [step.id for step in steps] == [f"test.{n}" for n in range(1, len(steps) + 1)]
    assert [s.rule for s in steps if s.approximation] == ["drop", "neglect"]


@pytest.mark.parametrize(
    ("equation", "count"), [((R - 1) * (R - zeta), 2), (R**2 - gamma**2, 2), (gamma + zeta, 0)]
)
def test_an_equation_has_to_have_one_solution(proof: Proof, equation: sp.Expr, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} solutions for R"):
        proof.solve("ambiguous", equation, R)


def test_the_solution_that_is_not_negative_can_be_asked_for(proof: Proof) -> None:
    assert proof.solve("", R**2 - gamma**2, R, positive=True) == gamma
    with pytest.raises(ValueError, match="2 solutions"):
        proof.solve("", (R - gamma) * (R - zeta), R, positive=True)


def test_without_a_verify_a_step_has_not_passed() -> None:
    step = Step("test.1", "by fiat", "claim", R, gamma, NEVER)
    assert not step.check.passed and not step.verify(gamma).passed


# -- failing -------------------------------------------------------------------------------------


def _wrong_rewrite(proof: Proof) -> None:
    proof.rewrite("wrong", (R + 1) ** 2, lambda _: R**2 + R + 1)


def test_a_wrong_rewrite_fails(proof: Proof) -> None:
    proof.rewrite("right", (R + 1) ** 2, sp.expand)
    assert proof.conclude().passed
    _wrong_rewrite(proof)
    derivation = proof.conclude()
    assert not derivation.passed
    assert [step.check.passed for step in derivation.steps] == [True, False]


def test_a_wrong_sign_fails(proof: Proof) -> None:
    proof.sign("wrong", gamma, "<")
    assert not proof.conclude().passed


@pytest.mark.parametrize(
    ("module", "name", "verb"),
    [
        (gaussian, "expectation", lambda p: p.expect("", u * v, FIELDS)),
        (overlaps, "gradient", lambda p: p.gradient("", dot(w, x), w)),
        (overlaps, "inner", lambda p: p.overlap("", dot(w + x, w), (w, x))),
        (overlaps, "average", lambda p: p.average("", u * v, {u * v: R})),
        (radicals, "at", lambda p: p.limit("", (N + 1) / N, N, sp.oo)),
        (radicals, "at", lambda p: p.slope("", R**3, R, 1)),
        (radicals, "tidy", lambda p: p.differentiate("", R**3, R)),
        (radicals, "tidy", lambda p: p.substitute("", R**3, {R: gamma})),
    ],
)
@pytest.mark.parametrize("error", [lambda e: 2 * e, lambda e: -e], ids=["twice", "negative"])
def test_a_wrong_move_fails(
    proof: Proof, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, verb: Any, error: Any
) -> None:
    right = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *args: error(right(*args)))
    verb(proof)
    assert not proof.conclude().passed


def test_what_cites_a_failure_fails(proof: Proof) -> None:
    _wrong_rewrite(proof)
    broken = proof.conclude(half=gamma)
    citing = Proof(statement())
    assert citing.cite(broken)["half"] == gamma
    citing.rewrite("right", (R + 1) ** 2, sp.expand)
    assert not citing.conclude().passed
    further = Proof(statement())
    further.cite(citing.conclude())
    assert not further.conclude().passed


def test_assumptions_and_remarks_travel() -> None:
    first = Proof(statement())
    first.assume("a", "b")
    first.assume("b", "a")
    second = Proof(statement())
    second.assume("c")
    second.cite(first.conclude())
    second.remark("mind the gap")
    derivation = second.conclude()
    assert derivation.assumptions == ("c", "a", "b")
    assert derivation.remarks == ("mind the gap",)
    assert len(derivation.cited) == 1


# -- print against derivation --------------------------------------------------------------------


def concluded(relation: str, values: dict[Any, Any], applies: bool = True) -> Derivation:
    return Proof(statement(relation)).conclude(values, applies)


def test_an_identity_agrees() -> None:
    derivation = concluded("Eq(gamma0, (1 - R**2)/(1 + R))", {gamma0: 1 - R})
    (comparison,) = derivation.comparisons
    assert derivation.agrees and comparison.counterexample is None
    assert comparison.difference == 0 and comparison.exact


def test_an_identity_that_sympy_does_not_see_agrees() -> None:
    derivation = concluded("Eq(gamma0, sin(R)**2 + gamma)", {gamma0: 1 - sp.cos(R) ** 2 + gamma})
    (comparison,) = derivation.comparisons
    assert derivation.agrees and comparison.counterexample is None
    assert not comparison.exact  # seen at points


@pytest.mark.parametrize(
    "misprint",
    [
        "gamma*R + zeta/2",
        "gamma*R - zeta",
        "gamma*R**2 + zeta",
        "gamma + zeta",
        "gamma*R",
        "gamma*R + zeta + 1/10**9",
    ],
)
def test_a_misprint_has_a_counterexample(misprint: str) -> None:
    """Both sides of the point that is shown are computed again, and differ."""
    right = gamma * R + zeta
    derivation = concluded(f"Eq(gamma0, {misprint})", {gamma0: right})
    assert derivation.agrees is False and derivation.passed
    shown = dict(derivation.comparisons[0].counterexample or {})
    left, other = float(shown.pop("left")), float(shown.pop("right"))
    point = {SYMBOLS[name]: sp.Rational(value) for name, value in shown.items()}
    printed = sp.sympify(misprint, locals=SYMBOLS)
    assert float(right.subs(point)) == pytest.approx(left, abs=1e-8)
    assert float(printed.subs(point)) == pytest.approx(other, abs=1e-8)
    assert right.subs(point) != printed.subs(point)


@pytest.mark.parametrize(
    ("relation", "holds"),
    [
        ("Ge(gamma0, zeta)", True),
        ("Ge(gamma0, zeta + gamma)", True),
        ("Gt(gamma0, zeta + gamma)", False),
        ("Le(gamma0, zeta + gamma)", True),
        ("Lt(gamma0, zeta + gamma)", False),
        ("Gt(gamma0, zeta)", True),
        ("Lt(gamma0, zeta)", False),
        ("Ge(gamma0, 2*zeta)", False),
        ("Le(gamma0, 1)", False),
    ],
)
def test_inequalities(relation: str, holds: bool) -> None:
    """For gamma0 = zeta + gamma with gamma > 0; a strict one fails where both sides are equal."""
    derivation = concluded(relation, {gamma0: zeta + gamma})
    assert derivation.agrees is holds


def test_several_relations_are_told_apart() -> None:
    relations = statement("Eq(gamma0, gamma)", "Eq(R0, 2*gamma)")
    derivation = Proof(relations).conclude({gamma0: gamma, R0: gamma})
    assert [c.agrees for c in derivation.comparisons] == [True, False]
    assert derivation.agrees is False


def test_vectors_are_compared_too() -> None:
    step = {SYMBOLS["Delta_w"]: eta * (w + x)}
    assert concluded("Eq(Delta_w, eta*(x + w))", step).agrees is True
    assert concluded("Eq(Delta_w, eta*(x - w))", step).agrees is False


def test_another_activation_is_not_compared() -> None:
    derivation = concluded("Eq(gamma0, 2*gamma)", {gamma0: gamma}, applies=False)
    assert derivation.agrees is None
    assert [c.agrees for c in derivation.comparisons] == [None]
    assert Proof(statement()).conclude().agrees is None


@pytest.mark.parametrize("scale", [1, 10**6])
def test_the_size_of_the_sides_does_not_matter(scale: int) -> None:
    """Rounding is not a counterexample, however large both sides are."""
    left, right = (
        scale * sp.sin(R + gamma),
        scale * (sp.sin(R) * sp.cos(gamma) + sp.cos(R) * sp.sin(gamma)),
    )
    assert compare(sp.Eq(gamma0, right, evaluate=False), {gamma0: left}).agrees


# -- finding statements --------------------------------------------------------------------------


def test_a_statement_that_is_not_derived() -> None:
    missing = [s.id for s in paper.STATEMENTS if s.id not in derivations.available()]
    with pytest.raises(derivations.NotDerived, match="is not derived yet"):
        derivations.derive(missing[-1])


def test_a_statement_that_does_not_exist() -> None:
    with pytest.raises(paper.UnknownStatement, match="prop4"):
        derivations.derive("prob4")


def test_ids_are_found_in_any_case(derived: Any) -> None:
    assert derivations.derive("Table1-BN") is derived("table1-bn")


def test_available_statements_are_the_papers_and_the_ones_beyond() -> None:
    printed = [s.id for s in paper.STATEMENTS]
    found = list(derivations.available())
    ours = [id for id in found if id in printed]
    assert ours == sorted(ours, key=printed.index)
    assert all(id[0].isalpha() for id in found), found
    others = [s for id, s in derivations.available().items() if id not in printed]
    assert all((s.place == "beyond the paper") == (not s.relations) for s in others)
    assert all(s.place.startswith("Yoshida et al. 2017, ") for s in others if s.relations)
