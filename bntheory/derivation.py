"""A finished derivation: expressions linked by rules, each link checked as it was made.

Derivations are written with :class:`bntheory.proof.Proof`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bntheory.checking import Check
from bntheory.comparison import Comparison

NEVER = Check("exact", "nothing to verify", passed=False)


@dataclass(frozen=True)
class Step:
    """One link: ``before`` became ``after`` by ``rule``.

    Attributes
    ----------
    id : str
        ``prop4.3`` is the third step of Proposition 4.
    title : str
        What is done, as one would say it.
    rule : str
        The verb: differentiate, expect, limit, solve, substitute, rewrite, drop, cite, ...
    before, after : Expr, Matrix or Tuple
        Both ends of the link.
    check : Check
        How the link was checked, and whether it held.
    name : Expr or None
        What ``after`` is: a symbol for the left-hand side.
    approximation : str or None
        For an approximation, the order of what was dropped.
    values : mapping or None
        What a substitution put in.
    verify : callable
        The check as a function of ``after``: anything else put there has to fail it.
    """

    id: str
    title: str
    rule: str
    before: Any
    after: Any
    check: Check
    name: Any = None
    approximation: str | None = None
    values: Mapping[Any, Any] | None = None
    verify: Callable[[Any], Check] = field(repr=False, compare=False, default=lambda after: NEVER)


@dataclass(frozen=True)
class Derivation:
    """A finished derivation of one statement.

    Attributes
    ----------
    id, title, where : str
        The statement.
    activation : str or None
        The activation function it was derived for; None where it is for all.
    assumptions : tuple of str
        What was assumed on the way, cited derivations included.
    steps : tuple of Step
    results : dict of str to Expr
        By the name of the generated function.
    comparisons : tuple of Comparison
        Each printed relation beside the derived one.
    remarks : tuple of str
        What a reader should know: how print and derivation differ, and what holds instead.
    cited : tuple of Derivation
        Derivations whose results were used.
    seconds : float
        How long it took, cited derivations not included.
    """

    id: str
    title: str
    where: str
    activation: str | None
    assumptions: tuple[str, ...]
    steps: tuple[Step, ...]
    results: Mapping[str, Any]
    comparisons: tuple[Comparison, ...]
    remarks: tuple[str, ...]
    cited: tuple[Derivation, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every step, here and in what is cited, passed its check."""
        return all(s.check.passed for s in self.steps) and all(d.passed for d in self.cited)

    @property
    def agrees(self) -> bool | None:
        """Whether print and derivation agree; None where there is nothing to compare."""
        verdicts = [c.agrees for c in self.comparisons if c.agrees is not None]
        return all(verdicts) if verdicts else None

    def __getitem__(self, name: str) -> Any:
        return self.results[name]

    def __str__(self) -> str:
        from bntheory.rendering import render

        return render(self, "text").rstrip("\n")

    def _repr_html_(self) -> str:
        from bntheory.rendering import html, outline

        return html.fragment(outline.of_derivation(self))

    def _repr_markdown_(self) -> str:
        from bntheory.rendering import render

        return render(self, "markdown")
