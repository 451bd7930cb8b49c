"""SymPy expressions as trees, the way the paper would set them.

Sums begin with a positive term, vectors and brackets come last in a product, a factor in brackets
stands beside its fraction and not on top of it, and the functions of the notation look as printed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.core.function import Application
from sympy.logic.boolalg import BooleanFunction
from sympy.matrices import MatrixBase

from bntheory.notation import BY_NAME
from bntheory.rendering import names
from bntheory.rendering.operators import OPERATORS
from bntheory.rendering.tree import (
    Cases,
    Fence,
    Frac,
    Grid,
    Name,
    Node,
    Number,
    Product,
    Root,
    Row,
    Sign,
    Sub,
    Sum,
    Sup,
    Word,
    as_factor,
    commas,
    is_joint,
    is_tall,
    parenthesize,
)

#: How functions of SymPy are called in print.
WORDS = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "Max": "max", "Min": "min",
    "sign": "sgn", "gamma": "Gamma", "Heaviside": "Theta", "digamma": "psi",
}  # fmt: skip
CONSTANTS = {
    sp.pi: Sign("pi"), sp.E: Word("e"), sp.oo: Sign("oo"), sp.I: Word("i"),
    sp.true: Word("true"), sp.false: Word("false"), sp.nan: Word("undefined"),
}  # fmt: skip
RELATIONS = {
    "Equality": "=", "Unequality": "!=", "StrictLessThan": "<", "LessThan": "<=",
    "StrictGreaterThan": ">", "GreaterThan": ">=",
}  # fmt: skip
#: Symbols that begin a product, in this order.
FIRST = {name: place for place, name in enumerate(("eta", "zeta", "alpha", "beta", "delta"), 1)}
#: What stands beside a fraction rather than on it, and what comes last.
BESIDE, VECTORS = 100, 101
BULKY = (sp.Add, sp.Piecewise, sp.Integral, sp.Derivative, sp.Subs, sp.Sum)
PREFIXES = ("average", "layer_sum")


def typeset(expr: Any) -> Node:
    """Return the tree of an expression, a tuple, a matrix or a relation."""
    if isinstance(expr, sp.Symbol):
        return Name(expr.name)
    if isinstance(expr, sp.Add):
        return _sum(expr)
    if isinstance(expr, (sp.Mul, sp.Pow, sp.Rational)):
        return _product(expr)
    if isinstance(expr, Application) and not isinstance(expr, BooleanFunction):
        return _function(expr)
    if isinstance(expr, MatrixBase):
        return Grid(tuple(tuple(map(typeset, row)) for row in expr.tolist()))
    if isinstance(expr, (sp.Tuple, tuple, list)):
        return parenthesize(commas([typeset(entry) for entry in expr]))
    if isinstance(expr, sp.core.relational.Relational):
        left, mark, right = relation(expr)
        return Row((left, Sign(mark), right), loose=True)
    operator = OPERATORS.get(type(expr).__name__)
    if operator is not None:
        return operator(expr, typeset)
    if isinstance(expr, sp.Float):
        return _float(expr)
    if expr == -sp.oo:
        return Sum((("-", Sign("oo")),))
    return CONSTANTS.get(expr) or Word(str(expr))


def relation(expr: Any) -> tuple[Node, str, Node]:
    """Return both sides of a relation and the mark between them."""
    return typeset(expr.lhs), RELATIONS[type(expr).__name__], typeset(expr.rhs)


# -- sums and products ---------------------------------------------------------------------------


def _sum(expr: sp.Add) -> Node:
    signed = []
    for term in expr.as_ordered_terms():
        negative = term.as_coeff_Mul()[0].is_negative
        signed.append(("-", -term) if negative else ("+", term))
    first = next((n for n, (sign, _) in enumerate(signed) if sign == "+"), 0)
    ordered = [signed[first], *signed[:first], *signed[first + 1 :]]
    return Sum(tuple((sign, _within_sum(term)) for sign, term in ordered))


def _within_sum(term: sp.Expr) -> Node:
    node = typeset(term)
    return parenthesize(node) if isinstance(node, Sum) else node


def _product(expr: sp.Expr) -> Node:
    coefficient, rest = expr.as_coeff_Mul()
    if coefficient.is_negative:
        return Sum((("-", _within_sum(-expr)),))
    over: list[sp.Expr] = []
    under: list[sp.Expr] = []
    if isinstance(coefficient, sp.Rational):
        over += [sp.Integer(coefficient.p)] if coefficient.p != 1 else []
        under += [sp.Integer(coefficient.q)] if coefficient.q != 1 else []
    else:
        rest = expr
    for factor in rest.as_ordered_factors() if rest != 1 else ():
        base, power = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        if power.is_Rational and power.is_negative:
            under.append(sp.Pow(base, -power, evaluate=False) if power != -1 else base)
        else:
            over.append(factor)
    over.sort(key=_place)
    under.sort(key=_place)
    if not under:
        return _side_by_side(over)
    top = [factor for factor in over if _place(factor) < BESIDE and not is_tall(_factor(factor))]
    beside = [factor for factor in over if factor not in top]
    if not top and len(beside) == 1 and isinstance(beside[0], sp.Add):
        on_top = len(beside[0].args) <= 4 and not is_tall(_factor(beside[0]))
        top, beside = (beside, []) if on_top else (top, beside)
    fraction = Frac(_side_by_side(top), _side_by_side(under))
    return Product((fraction, *(as_factor(_factor(b)) for b in beside))) if beside else fraction


def _place(factor: sp.Expr) -> int:
    """Say where a factor stands: numbers, rates, symbols, functions, brackets, vectors."""
    base = factor.base if isinstance(factor, sp.Pow) else factor
    if base.is_number and not isinstance(base, sp.Add):
        return 0
    if isinstance(base, sp.Symbol):
        is_vector = base.name in BY_NAME and BY_NAME[base.name].domain is None
        return VECTORS if is_vector else FIRST.get(base.name, len(FIRST) + 1)
    if isinstance(base, BULKY) or type(base).__name__ in PREFIXES:
        return BESIDE
    return len(FIRST) + 2


def _side_by_side(factors: list[sp.Expr]) -> Node:
    if not factors:
        return Number("1")
    if len(factors) == 1:
        return _factor(factors[0])
    nodes = [as_factor(_factor(factor)) for factor in factors]
    for place, node in enumerate(nodes):
        unclosed = isinstance(node, Cases) and place < len(nodes) - 1
        if unclosed or (place and _leads_with_digits(node)):
            nodes[place] = parenthesize(node)
    return Product(tuple(nodes))


def _leads_with_digits(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Sup) and isinstance(node.base, Number))


def _factor(factor: sp.Expr) -> Node:
    """Typeset what is not a product itself: powers and roots included."""
    if isinstance(factor, sp.Integer) and factor.is_nonnegative:
        return Number(str(factor))
    return _power(factor) if isinstance(factor, sp.Pow) else typeset(factor)


def _power(expr: sp.Pow) -> Node:
    base, power = expr.args
    if type(base).__name__ == "dot" and base.args[0] == base.args[1] and power.is_Rational:
        length = _length(typeset(base.args[0]))
        return length if power == sp.Rational(1, 2) else Sup(length, typeset(2 * power))
    if power == sp.Rational(1, 2):
        return Root(typeset(base))
    node = typeset(base)
    compound = isinstance(node, Name) and names.is_compound(node.id)
    if compound or is_joint(node) or isinstance(node, Cases):
        node = parenthesize(node)
    return Sup(node, typeset(power))


def _float(expr: sp.Float) -> Node:
    digits = f"{float(abs(expr)):.6g}"
    return Sum((("-", Number(digits)),)) if expr < 0 else Number(digits)


# -- functions -----------------------------------------------------------------------------------


def _length(vector: Node) -> Node:
    return Sub(Fence("||", vector, "||"), Number("2"))


def _dot(expr: sp.Expr) -> Node:
    if expr.args[0] == expr.args[1]:
        return Sup(_length(typeset(expr.args[0])), Number("2"))
    a, b = (as_factor(typeset(argument)) for argument in expr.args)
    return Row((a, Sign("."), b), loose=True)


def _prefix(expr: sp.Expr) -> Node:
    argument = typeset(expr.args[0])
    return Product((_name(expr), parenthesize(argument) if is_joint(argument) else argument))


def _piecewise(expr: sp.Piecewise) -> Node:
    (value, condition), *others = expr.args
    ramp = isinstance(condition, (sp.StrictGreaterThan, sp.GreaterThan)) and condition.rhs == 0
    if ramp and value == condition.lhs and [tuple(o) for o in others] == [(0, True)]:
        return Row((Word("max"), parenthesize(commas([typeset(value), Number("0")]))))
    return Cases(
        tuple(
            (typeset(v), Word("otherwise") if c is sp.S.true else Row((Word("if "), typeset(c))))
            for v, c in expr.args
        )
    )


def _polygamma(expr: sp.Expr) -> Node:
    order, argument = expr.args
    psi = Word("psi") if order == 0 else Sup(Word("psi"), parenthesize(typeset(order)))
    return Row((psi, parenthesize(typeset(argument))))


def _uncertain(expr: sp.Expr) -> Node:
    reading = typeset(expr.args[0])
    mark = Row((Sign("["), Sign("?"), Sign("]")))
    return Sup(parenthesize(reading) if is_joint(reading) else reading, mark)


#: Functions that are set in a way of their own.
SPECIAL: dict[str, Callable[[Any], Node]] = {
    "dot": _dot,
    "norm": lambda expr: _length(typeset(expr.args[0])),
    "Abs": lambda expr: Fence("|", typeset(expr.args[0]), "|"),
    "Piecewise": _piecewise,
    "polygamma": _polygamma,
    "uncertain": _uncertain,
    "E_noise": lambda expr: Row((_name(expr), Fence("[", typeset(expr.args[0]), "]"))),
    "E_data": lambda expr: Row((_name(expr), Fence("[", typeset(expr.args[0]), "]"))),
    "average": _prefix,
    "layer_sum": _prefix,
}

def _name(expr: sp.Expr) -> Node:
    id = "Gamma" if isinstance(expr, sp.gamma) else type(expr).__name__  # gamma is the scale
    return Name(id) if id in BY_NAME else Word(WORDS.get(id, id))


def _function(expr: sp.Expr) -> Node:
    special = SPECIAL.get(type(expr).__name__)
    if special is not None:
        return special(expr)
    return Row((_name(expr), parenthesize(commas([typeset(a) for a in expr.args]))))
