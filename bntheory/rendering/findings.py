"""What came of a derivation: print against derivation, and whether every step holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from sympy import Eq

from bntheory.comparison import Comparison
from bntheory.derivation import Derivation
from bntheory.rendering.document import Block, Formula, Words
from bntheory.rendering.typeset import relation, typeset

# -- print against derivation --------------------------------------------------------------------


def verdict(derivation: Derivation) -> Iterator[Block]:
    """Say for each printed relation whether it agrees with what is derived."""
    comparisons = derivation.comparisons
    if not comparisons:
        yield Words("There is no printed formula to compare with.", "verdict")
    several = len(comparisons) > 1
    said = [_said(comparison, derivation.activation) for comparison in comparisons]
    for words, group in groupby(enumerate(said, 1), key=itemgetter(1)):
        numbers = [number for number, _ in group]
        chunks = [[n] for n in numbers] if words in (DIFFER, OPEN) else [numbers]
        for chunk in chunks:
            join = "and" if len(chunk) == 2 else "to"
            tag = f"({chunk[0]})" + (f" {join} ({chunk[-1]})" if len(chunk) > 1 else "")
            yield Words(f"{tag}: {words}" if several else words, "verdict")
            if words in (DIFFER, OPEN):
                yield from differing(comparisons[chunk[0] - 1])


DIFFER = "Print and derivation differ."
OPEN = "The source is damaged here, and the reading taken is not what is derived."


def _said(comparison: Comparison, activation: str | None) -> str:
    equality = isinstance(comparison.printed, Eq)
    if comparison.open_reading:
        return OPEN
    if comparison.agrees is None:
        return f"The print does not speak of {activation or 'this case'}: nothing to compare."
    if not comparison.agrees:
        return DIFFER
    if comparison.difference == 0:
        same = "the difference is symbolically zero" if equality else "both sides are the same"
        return f"Print and derivation agree: {same}."
    if equality:
        return "Print and derivation agree, sampled: no difference at 20 random points."
    if comparison.exact:
        return "The printed inequality holds, by the signs of what the difference is made of."
    return "The printed inequality holds, sampled at 20 random points of the domain."


def differing(comparison: Comparison, as_printed: bool = True) -> Iterator[Block]:
    """Show the derived relation, that as it is printed, and a point where they differ."""
    printed, derived = comparison.printed, comparison.derived
    left, mark, right = relation(printed)
    left_derived, _, right_derived = relation(derived)
    equality = isinstance(printed, Eq)
    if equality:
        if as_printed:
            yield Words("Printed:")
            yield Formula(left, ((mark, right),))
            yield Words("Derived:")
        yield Formula(left, ((mark, left_derived),))
        if printed.rhs != derived.rhs:
            yield Words("The printed right-hand side, with what is derived put in:")
            yield Formula(right_derived, ())
        yield Words("Derived minus printed:")
    else:
        yield Words("The printed inequality, with what is derived put in:")
        yield Formula(left_derived, ((mark, right_derived),))
        yield Words("Left-hand side minus right-hand side:")
    yield Formula(typeset(comparison.difference), ())
    if comparison.counterexample is not None:
        yield Words(_instance(comparison.counterexample, equality))


def _instance(counterexample: dict[str, str], equality: bool) -> str:
    point = {k: v for k, v in counterexample.items() if k not in ("left", "right")}
    at = ", ".join(f"{name} = {value}" for name, value in point.items())
    left, right = counterexample["left"], counterexample["right"]
    where = f"For instance, at {at}, " if at else "In numbers, "
    if equality:
        return f"{where}the print gives {right} and the derivation gives {left}."
    return f"{where}the left-hand side is {left} and the right-hand side {right}."


# -- the end -------------------------------------------------------------------------------------


def alarms(derivation: Derivation) -> Iterator[Block]:
    """Say first what has failed."""
    for text in failures(derivation):
        yield Words(text, "failure")


def failures(derivation: Derivation) -> list[str]:
    """Return one sentence for each step whose check failed, here or in what is cited."""
    found = [
        f"CHECK FAILED at {step.id} ({step.title}): {step.check.how}."
        for step in derivation.steps
        if not step.check.passed
    ]
    for cited in derivation.cited:
        found += [text for text in failures(cited) if text not in found]
    return found


def closing(derivation: Derivation) -> Iterator[Block]:
    """Say whether every step holds, and how that was checked."""
    failed = sum(not step.check.passed for step in derivation.steps)
    if failed:
        count = f"{failed} OF {len(derivation.steps)} CHECKS FAILED"
        yield Words(f"{count}; {derivation.seconds:.2f} s.", "failure")
    elif not derivation.passed:
        yield Words("A CHECK FAILED IN A DERIVATION THAT IS USED HERE.", "failure")
    else:
        yield Words(summary(derivation), "verdict")


def summary(derivation: Derivation) -> str:
    """Say how many steps hold, and how they were checked."""
    steps = derivation.steps
    exact = sum(step.check.method == "exact" for step in steps)
    sampled = [step.check for step in steps if step.check.method == "sampled"]
    kinds = [f"{exact} exact"] if exact else []
    if sampled:
        digits = [check.digits for check in sampled if check.digits]
        points = sorted({check.points for check in sampled})
        spread = f"{points[0]} to {points[-1]}" if len(points) > 1 else f"{points[0]}"
        precise = f"at least {min(digits)} digits at " if digits else ""
        kinds.append(f"{len(sampled)} sampled ({precise}{spread} points)")
    count = {1: "The one step holds", 2: "Both steps hold"}.get(
        len(steps), f"All {len(steps)} steps hold"
    )
    caution = " Sampled checks are evidence, not proof." if sampled else ""
    return f"{count}: {', '.join(kinds)}; {derivation.seconds:.2f} s.{caution}"
