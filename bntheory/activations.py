"""The activation functions: linear, ReLU, leaky ReLU, erf, and a user's own.

An activation is an expression in one variable.  Its derivative is taken on each side of the kink at
0 and never at it, which is what back-propagation does and what a Gaussian expectation sees.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

import sympy as sp

from bntheory.expressions import FUNCTIONS, Unreadable, read
from bntheory.notation import SYMBOLS
from bntheory.reading import Reader

X = sp.Symbol("x", real=True)


@dataclass(frozen=True)
class Activation:
    """An activation function g.

    Attributes
    ----------
    name : str
        What ``--activation`` calls it.
    expr : Expr
        g(x) in ``X``.
    parameters : tuple of Symbol
        Free parameters, such as the slope of leaky ReLU.
    meaning : str
        In words.
    """

    name: str
    expr: sp.Expr
    parameters: tuple[sp.Symbol, ...] = ()
    meaning: str = ""

    def __call__(self, z: sp.Expr) -> sp.Expr:
        """Return g(z)."""
        return self.expr.subs(X, z)

    @cached_property
    def _slope(self) -> sp.Expr:
        return sp.diff(self.expr, X)

    def derivative(self, z: sp.Expr) -> sp.Expr:
        """Return g'(z), for z other than 0."""
        return self._slope.subs(X, z)


RELU = Activation("relu", sp.Piecewise((X, X > 0), (0, True)), meaning="max(x, 0)")
LINEAR = Activation("linear", X, meaning="the identity")
LEAKY_RELU = Activation(
    "leaky_relu",
    sp.Piecewise((X, X > 0), (SYMBOLS["slope"] * X, True)),
    (SYMBOLS["slope"],),
    "x for x > 0, slope * x for x < 0",
)
ERF = Activation("erf", sp.erf(X / sp.sqrt(2)), meaning="erf(x / sqrt(2))")

#: The activations that have names, with ``identity`` for ``linear``.
ACTIVATIONS: dict[str, Activation] = {a.name: a for a in (RELU, LINEAR, LEAKY_RELU, ERF)}
ALIASES = {"identity": "linear", "leaky-relu": "leaky_relu", "leakyrelu": "leaky_relu"}


class UnknownActivation(ValueError):  # noqa: N818 - the name says it
    """What was given is no activation function; the message says in one line why."""


#: Of a polynomial in an activation: moments of Gaussian fields grow with it.
HIGHEST_DEGREE = 8


# -- from a name or an expression ----------------------------------------------------------------


def find(text: str) -> Activation:
    """Return an activation function by its name, or from an expression in x.

    The expression is read and never run: numbers, ``x``, ``pi``, ``E``, arithmetic and the
    functions of :data:`bntheory.expressions.FUNCTIONS`, in bounded time.

    Parameters
    ----------
    text : str
        ``relu``, ``Leaky-ReLU``, ``tanh``, ``max(x, 0)``, ``x*erf(x)/2``, ...

    Returns
    -------
    Activation
        The named one where the expression is the same function.

    Raises
    ------
    UnknownActivation
        If it is neither a name nor a continuous real function of x.
    """
    if len(text) > Reader.length:
        raise UnknownActivation(f"{_short(text)} has more than {Reader.length} characters")
    key = text.strip().lower()
    key = ALIASES.get(key, key)
    if key in ACTIVATIONS:
        return ACTIVATIONS[key]
    source = f"{key}(x)" if key in FUNCTIONS and key not in ("max", "min") else text
    if key.isidentifier() and key != "x" and source is text:
        nearest = get_close_matches(key, {*ACTIVATIONS, *ALIASES, *FUNCTIONS}, n=3, cutoff=0.6)
        hint = f"did you mean {', '.join(nearest)}?" if nearest else (
            f"the names are {', '.join(ACTIVATIONS)}, and an expression is one in x, as max(x, 0)"
        )
        raise UnknownActivation(f"no activation {_short(text)}; {hint}")
    try:
        found = _activation(" ".join(text.split()), lambda z: read(source, z))
    except Unreadable as reason:
        raise UnknownActivation(f"cannot read the activation {_short(text)}: {reason}") from None
    if any(_degree(part) > HIGHEST_DEGREE for part in sp.preorder_traversal(found.expr)):
        raise UnknownActivation(
            f"{_short(text)} has a polynomial of a degree above {HIGHEST_DEGREE}, whose averages "
            "take too long"
        )
    return found


def _degree(part: Any) -> int:
    """Return the degree of a polynomial in x; 0 for what is none."""
    polynomial = isinstance(part, sp.Expr) and part.has(X) and part.is_polynomial(X)
    return int(sp.degree(part, X)) if polynomial else 0


def of(given: Any) -> Activation:
    """Return an activation function from whatever stands for one.

    Parameters
    ----------
    given : Activation, str, Expr or callable
        A name or an expression in x as text, a SymPy expression with one free symbol, or a Python
        function that takes a SymPy symbol.

    Raises
    ------
    UnknownActivation
        A ``ValueError``, where it cannot be read as a continuous real function of one variable.
    """
    if isinstance(given, Activation):
        return given
    if isinstance(given, str):
        return find(given)
    name = ""
    if callable(given) and not isinstance(given, sp.Basic):
        name = getattr(given, "__name__", "")
        try:
            given = given(X)
        except Exception as reason:
            raise UnknownActivation(
                f"{name or 'the activation'} does not take a SymPy symbol "
                f"({type(reason).__name__}): write it with SymPy's functions"
            ) from reason
    if not isinstance(given, sp.Expr):
        raise UnknownActivation(
            f"an activation is a name, an expression in x or a function of a SymPy symbol; "
            f"{_short(str(given))} is of type {type(given).__name__}"
        )
    expr = given
    named = next((a for a in ACTIVATIONS.values() if a.expr == expr), None)
    if named is not None:
        return named
    if len(expr.free_symbols) != 1:
        raise UnknownActivation(f"{_short(str(expr))} is not a function of one variable")
    (variable,) = expr.free_symbols
    label = name if name.isidentifier() else str(expr.subs(variable, X))
    return _activation(label, lambda z: expr.subs(variable, z))


# -- what an activation has to be ----------------------------------------------------------------

KINKED = (sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside, sp.Piecewise)
JUMPS = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling)

#: Where a function is tried out: zeros and poles are likely at multiples of pi/2 and of 1/8.
TRIALS = (*(n * math.pi / 2 for n in range(-5, 6)), *(n / 8 for n in range(-64, 65)))


def _activation(name: str, function: Callable[[sp.Expr], sp.Expr]) -> Activation:
    """Make an activation of a function of SymPy expressions, in two pieces if it has a kink at 0.

    Parts that have a kink elsewhere stay as they are.
    """
    expr = function(X)
    if expr.has(*KINKED):
        size = sp.Dummy("x", positive=True)
        right, left = function(size), function(-size)
        if right.has(*JUMPS) or left.has(*JUMPS):
            raise UnknownActivation(f"{_short(name)} jumps, and its derivative would miss that")
        if not right.has(*KINKED) and not left.has(*KINKED):
            right, left = right.subs(size, X), left.subs(size, -X)
            expr = right if right == left else sp.Piecewise((right, X > 0), (left, True))
            at_zero = [_values(name, side, (0.0,))[0] for side in (right, left)]
            if abs(at_zero[0] - at_zero[1]) > 1e-12 * max(1.0, *map(abs, at_zero)):
                raise UnknownActivation(
                    f"{_short(name)} jumps at x = 0, and its derivative would miss that"
                )
    for known in ACTIVATIONS.values():
        if known.expr == expr:
            return known
    values = _values(name, expr, TRIALS)
    if not expr.has(X) or max(values) - min(values) < 1e-12 * max(map(abs, values)):
        raise UnknownActivation(f"{_short(name)} is a constant, not a function of x")
    return Activation(name, expr)


def _values(name: str, expr: sp.Expr, points: Sequence[float]) -> list[float]:
    """Return the values at some points, which have to be finite and real."""
    if expr.has(sp.AccumBounds):
        raise UnknownActivation(f"{_short(name)} is not a function with one value at each x")
    function = sp.lambdify(X, expr, "math")
    values = []
    for point in points:
        try:
            value = function(point)
        except (ArithmeticError, ValueError, NameError, TypeError):
            value = math.nan
        if isinstance(value, complex) or not abs(value) < 1e15:
            raise UnknownActivation(f"{_short(name)} is not finite and real at x = {point:.4g}")
        values.append(float(value))
    return values


def _short(text: str) -> str:
    shown = repr(text)
    return shown if len(shown) <= 62 else f"{shown[:58]}...{shown[0]}"
