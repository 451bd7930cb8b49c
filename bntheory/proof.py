"""The notebook in which a derivation is written.

Each verb of :class:`Proof` is one rule: SymPy makes the move, :mod:`bntheory.checking` verifies it
by another route, and the step remembers both.  ``conclude`` compares with the print and returns the
frozen :class:`~bntheory.derivation.Derivation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import sympy as sp

from bntheory import checking, paper
from bntheory.activations import ACTIVATIONS, Activation
from bntheory.checking import Check
from bntheory.comparison import compare
from bntheory.derivation import Derivation, Step
from bntheory.notation import E_noise, dot
from bntheory.paper import Statement


class Proof:
    """The notebook in which a derivation is written.

    Parameters
    ----------
    statement : str or Statement
        The statement that is derived, or its id in the paper.
    activation : Activation, optional
        The activation function it is derived for.
    """

    def __init__(self, statement: str | Statement, activation: Activation | None = None) -> None:
        self.statement = paper.find(statement) if isinstance(statement, str) else statement
        self.activation = activation
        self._steps: list[Step] = []
        self._cited: list[Derivation] = []
        self._assumptions: list[str] = []
        self._remarks: list[str] = []
        self._started = perf_counter()

    # -- words -----------------------------------------------------------------------------------

    def assume(self, *assumptions: str) -> None:
        """Record assumptions that are used from here on."""
        self._assumptions = list(dict.fromkeys([*self._assumptions, *assumptions]))

    def remark(self, text: str) -> None:
        """Say what a reader should know."""
        self._remarks.append(text)

    # -- rules -----------------------------------------------------------------------------------

    def step(
        self,
        rule: str,
        title: str,
        before: Any,
        after: Any,
        verify: Callable[[Any], Check],
        name: Any = None,
        approximation: str | None = None,
        values: Mapping[Any, Any] | None = None,
    ) -> Any:
        """Record one link and its check, and return ``after``."""
        self._steps.append(
            Step(
                id=f"{self.statement.id}.{len(self._steps) + 1}",
                title=title,
                rule=rule,
                before=before,
                after=after,
                check=verify(after),
                name=name,
                approximation=approximation,
                values=values,
                verify=verify,
            )
        )
        return after

    def cite(self, derivation: Derivation) -> Derivation:
        """Use the results of another derivation, derived and checked there."""
        self.assume(*derivation.assumptions)
        return self.compare(derivation)

    def compare(self, derivation: Derivation) -> Derivation:
        """Hold the results of another derivation against ours, without its assumptions."""
        if derivation.id not in {d.id for d in self._cited}:
            self._cited.append(derivation)
        return derivation

    def differentiate(self, title: str, expr: Any, by: sp.Symbol, name: Any = None) -> Any:
        """Differentiate; checked by numerical differentiation."""
        return self.step(
            "differentiate",
            title,
            expr,
            _tidy(sp.diff(expr, by)),
            lambda after: checking.derivative(expr, by, after),
            name,
        )

    def rewrite(self, title: str, expr: Any, form: Callable[[Any], Any], name: Any = None) -> Any:
        """Bring into another form; checked as an identity."""
        return self.step(
            "rewrite", title, expr, form(expr), lambda after: checking.identity(expr, after), name
        )

    def substitute(
        self,
        title: str,
        expr: Any,
        values: Mapping,
        name: Any = None,
        approximation: str | None = None,
    ) -> Any:
        """Put in values; checked by evaluating ``expr`` at those values.

        ``approximation`` is the order of what the values leave out.
        """
        return self.step(
            "substitute",
            title,
            expr,
            _tidy(expr.xreplace({part: sp.sympify(value) for part, value in values.items()})),
            lambda after: checking.substitution(expr, values, after),
            name,
            approximation=approximation,
            values=values,
        )

    def limit(
        self, title: str, expr: sp.Expr, symbol: sp.Symbol, to: Any, name: Any = None
    ) -> sp.Expr:
        """Take a limit (from below where ``to`` is finite); checked by values near it."""
        from bntheory.calculus.radicals import at

        to = sp.sympify(to)
        return self.step(
            "limit",
            title,
            expr,
            _tidy(at(expr, symbol, to)),
            lambda after: checking.limit(expr, symbol, to, after),
            name,
        )

    def slope(self, title: str, expr: sp.Expr, by: sp.Symbol, to: Any, name: Any = None) -> sp.Expr:
        """Differentiate at a point, from below; checked by difference quotients near it."""
        from bntheory.calculus.radicals import at

        def quotient(after: sp.Expr) -> Check:
            h = sp.Dummy("h", positive=True)
            gap = (expr.subs(by, to) - expr.subs(by, to - h)) / h
            return checking.limit(gap, h, sp.S.Zero, after, "difference quotients ever closer")

        value = _tidy(at(sp.diff(expr, by), by, to))
        return self.step("differentiate", title, expr, value, quotient, name)

    def sign(self, title: str, expr: sp.Expr, relation: str) -> None:
        """State the sign of an expression; checked by assumptions, or at points of the domain.

        For an activation of the user's own that does not have it, this is a finding, not an error.
        """
        claim = {"<": sp.Lt, ">": sp.Gt, "<=": sp.Le, ">=": sp.Ge}[relation](
            expr, 0, evaluate=False
        )
        name = None if self.activation is None else self.activation.name
        if name and name not in ACTIVATIONS and not checking.sign(claim).passed:
            self.remark(f"For {name} it is not true everywhere that {expr} {relation} 0.")
        else:
            self.step("sign", title, expr, claim, checking.sign)

    def jacobian(
        self, title: str, rates: sp.Tuple, by: tuple[sp.Symbol, ...], name: Any = None
    ) -> sp.Matrix:
        """Differentiate several rates in several variables; checked column by column."""
        return self.step(
            "differentiate",
            title,
            rates,
            sp.ImmutableMatrix(rates).jacobian(by),
            lambda after: checking.jacobian(rates, by, after),
            name,
        )

    def eigenvalues(self, title: str, matrix: sp.Matrix, name: Any = None) -> sp.Tuple:
        """Find the eigenvalues, in the order of the diagonal where the matrix is triangular.

        Checked by the QR algorithm.
        """
        blocks = matrix.strongly_connected_components()
        if all(len(block) == 1 for block in blocks):  # triangular, in some order
            roots = [sp.factor_terms(entry) for entry in matrix.diagonal()]
        else:
            polynomial = matrix.charpoly()
            roots = _roots(sp.Poly(polynomial.as_expr(), polynomial.gen))
        return self.step(
            "eigenvalues",
            title,
            matrix,
            sp.Tuple(*roots),
            lambda after: checking.eigenvalues(matrix, after),
            name,
        )

    def solve(
        self,
        title: str,
        equation: sp.Expr,
        for_: sp.Symbol,
        name: Any = None,
        positive: bool = False,
    ) -> sp.Expr:
        """Solve ``equation = 0``; checked by the residual.

        There has to be one solution, or one that is not negative where ``positive`` asks for it.
        """
        solutions = _roots(sp.Poly(sp.numer(sp.together(equation)), for_))
        if positive:
            solutions = [s for s in solutions if not s.could_extract_minus_sign()]
        if len(solutions) != 1:
            raise ValueError(f"{equation} = 0 has {len(solutions)} solutions for {for_}, not one")
        return self.step(
            "solve",
            title,
            equation,
            solutions[0],
            lambda after: checking.residual(equation, for_, after),
            for_ if name is None else name,
        )

    def drop(
        self, title: str, expr: sp.Expr, small: sp.Symbol, power: int, name: Any = None
    ) -> sp.Expr:
        """Drop terms of order ``small**power`` and above: an approximation."""
        kept = sp.Add(*(c * small**k for (k,), c in sp.Poly(expr, small).terms() if k < power))
        return self.step(
            "drop",
            title,
            expr,
            kept,
            lambda after: checking.order(expr, after, small, power),
            name,
            approximation=f"O({_power(small, power)})",
        )

    def gradient(self, title: str, expr: sp.Expr, by: sp.Symbol, name: Any = None) -> sp.Expr:
        """Differentiate in a vector; checked by finite differences of explicit vectors."""
        from bntheory.calculus.overlaps import gradient

        return self.step(
            "differentiate",
            title,
            expr,
            gradient(expr, by),
            lambda after: checking.gradient(expr, by, after),
            name,
        )

    def overlap(
        self, title: str, expr: sp.Expr, vectors: tuple[sp.Symbol, ...], name: Any = None
    ) -> sp.Expr:
        """Multiply inner products out; checked by putting explicit vectors in."""
        from bntheory.calculus.overlaps import inner

        return self.step(
            "multiply out",
            title,
            expr,
            sp.expand(expr.replace(dot, lambda a, b: inner(a, b, vectors))),
            lambda after: checking.identity(expr, after),
            name,
        )

    def average(
        self, title: str, expr: sp.Expr, moments: Mapping[Any, Any], name: Any = None
    ) -> sp.Expr:
        """Take an expectation, monomial by monomial; checked on a law with four atoms."""
        from bntheory.calculus.overlaps import average

        return self.step(
            "average",
            title,
            expr,
            average(expr, moments),
            lambda after: checking.expectation_of(expr, moments, after),
            name,
        )

    def neglect(
        self, title: str, expr: Any, values: Mapping[Any, Any], order: str, name: Any = None
    ) -> Any:
        """Put in zero for what is small: an approximation, of the order that is stated."""
        return self.step(
            "neglect",
            title,
            expr,
            expr.subs(values),
            lambda after: checking.substitution(expr, values, after),
            name,
            approximation=order,
        )

    def expect(self, title: str, integrand: sp.Expr, pair: Any, name: Any = None) -> sp.Expr:
        """Take the expectation over a Gaussian pair; checked by quadrature of the integrand.

        Where no closed form is within reach the integral stays, in polar coordinates.
        """
        from bntheory.calculus.gaussian import NoClosedForm, expectation
        from bntheory.calculus.quadrature import integral

        try:
            value = expectation(integrand, pair)
        except NoClosedForm as reason:
            value = integral(integrand, pair)
            self.remark(f"There is {reason}; the integral is kept, and computed by quadrature.")
            self.remark(_by_quadrature(integrand, pair))
        return self.step(
            "expect",
            title,
            integrand,
            value,
            lambda after: checking.quadrature(integrand, (pair.u, pair.v), pair.covariance, after),
            name,
        )

    def expand(
        self, title: str, expr: sp.Expr, small: sp.Symbol, order: int, name: Any = None
    ) -> sp.Expr:
        """Expand in a small quantity and drop what is smaller: an approximation.

        Checked by what is left over, ever nearer to 0.
        """
        from bntheory.calculus.batch_noise import expansion

        return self.step(
            "expand",
            title,
            expr,
            expansion(expr, small, order),
            lambda after: checking.expansion(expr, after, small, order),
            name,
            approximation=f"O({_power(small, order + 1)})",
        )

    def moments(
        self,
        title: str,
        sums: Mapping[sp.Symbol, sp.Expr],
        law: Any,
        count: sp.Expr,
        wanted: Sequence[sp.Expr],
    ) -> dict[sp.Expr, sp.Expr]:
        """Find joint moments of sums over the samples of a batch.

        Checked by enumerating all batches of a law with few atoms.
        """
        from bntheory.calculus.batch_noise import moments_of_sums

        found = moments_of_sums(sums, law, count, wanted)
        monomials = sp.Tuple(*found)
        values = self.step(
            "batch",
            title,
            monomials,
            sp.Tuple(*found.values()),
            lambda after: checking.enumeration(sums, law.moments, count, monomials, after),
            sp.Tuple(*map(E_noise, monomials)),
        )
        return dict(zip(monomials, values, strict=True))

    def integrate(
        self,
        title: str,
        integrand: sp.Expr,
        by: sp.Symbol,
        name: Any = None,
        least: Mapping[sp.Symbol, int] | None = None,
        high: Any = sp.oo,
    ) -> sp.Expr:
        """Integrate from 0, to infinity by default; checked by adaptive quadrature.

        ``least`` says where the integral begins to exist: it is checked at larger values.
        """
        return self.step(
            "integrate",
            title,
            integrand,
            sp.integrate(integrand.doit(), (by, 0, high), conds="none"),
            lambda after: checking.integral(integrand, by, high, after, least or {}),
            name,
        )

    # -- the end ---------------------------------------------------------------------------------

    def conclude(
        self,
        values: Mapping[Any, Any] | Sequence[Mapping[Any, Any]] | None = None,
        applies: bool = True,
        **results: Any,
    ) -> Derivation:
        """Compare with the print and close the notebook.

        Parameters
        ----------
        values : mapping or sequence of mappings
            What was derived for the symbols of the printed relations; one mapping for each where
            a symbol stands for several things.
        applies : bool
            False where the printed statement does not speak of this activation.
        **results
            By the name of the generated function.
        """
        printed = self.statement.printed
        each = values if isinstance(values, Sequence) else [values or {}] * len(printed)
        comparisons = tuple(
            compare(relation, given, applies) for relation, given in zip(printed, each, strict=True)
        )
        return Derivation(
            id=self.statement.id,
            title=self.statement.title,
            where=self.statement.place,
            activation=None if self.activation is None else self.activation.name,
            assumptions=tuple(self._assumptions),
            steps=tuple(self._steps),
            results=results,
            comparisons=comparisons,
            remarks=tuple(self._remarks),
            cited=tuple(self._cited),
            seconds=perf_counter() - self._started,
        )


def _by_quadrature(integrand: sp.Expr, pair: Any) -> str:
    """Say what an expectation is at a few points, and how far the value can be off."""
    import numpy as np
    from scipy import special

    from bntheory.calculus.quadrature import mean

    modules = [{"erf": special.erf, "erfc": special.erfc}, np]
    function = sp.lambdify((pair.u, pair.v), integrand, modules)
    values = []
    for scale, correlation in ((1.0, 0.0), (1.0, 0.5), (0.5, 0.5)):
        value, error = mean(function, scale, correlation)
        values.append(
            f"{value:.12g} (error below {error:.0e}) at {pair.scale} = {scale:g}, "
            f"{pair.correlation} = {correlation:g}"
        )
    return f"Its value is {'; '.join(values)}."


def _power(small: sp.Symbol, order: int) -> str:
    """Name a power, of 1/sqrt(M) as one of M."""
    if small.name != "tau":
        return f"{small}**{order}"
    if order % 2:
        return f"M**(-{sp.Rational(order, 2)})"
    return "1/M" if order == 2 else f"1/M**{order // 2}"


def _roots(polynomial: sp.Poly) -> list[sp.Expr]:
    """Return the roots, factor by factor: most are linear, and those need no solver."""
    if polynomial.degree() == 1:
        slope, intercept = polynomial.all_coeffs()
        return [sp.factor(-intercept / slope)]
    roots: list[sp.Expr] = []
    for factor, _ in polynomial.factor_list()[1]:
        roots += _roots(factor) if factor.degree() == 1 else sp.roots(factor)
    return roots


def _tidy(expr: Any) -> Any:
    from bntheory.calculus.radicals import tidy

    if isinstance(expr, sp.MatrixBase):
        return expr.applyfunc(sp.expand)
    return sp.Tuple(*map(tidy, expr)) if isinstance(expr, sp.Tuple) else tidy(expr)
