"""Derivatives, integrals, sums and logic as trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from bntheory.rendering.tree import (
    Fence,
    Frac,
    Node,
    Number,
    Product,
    Row,
    Sign,
    Stack,
    Sub,
    Sup,
    Word,
    as_factor,
    commas,
    is_joint,
    parenthesize,
)

Typeset = Callable[[Any], Node]


def _derivative(expr: sp.Derivative, typeset: Typeset) -> Node:
    body, *by = expr.args
    mark: Node = Sign("d" if len(expr.free_symbols) == 1 else "partial")
    total = sum(count for _, count in by)
    top = mark if total == 1 else Sup(mark, Number(str(total)))
    bottom: list[Node] = []
    for symbol, count in by:
        node = typeset(symbol)
        bottom += [mark, node if count == 1 else Sup(node, typeset(count))]
    return Product((Frac(top, Row(tuple(bottom))), _operand(typeset(body))))


def _operand(node: Node) -> Node:
    return parenthesize(node) if is_joint(node) else node


def _subs(expr: sp.Subs, typeset: Typeset) -> Node:
    body, symbols, values = expr.args
    pairs = zip(symbols, values, strict=True)
    at = commas([Row((typeset(symbol), Sign("="), typeset(value))) for symbol, value in pairs])
    return Sub(Fence("[", typeset(body), "]"), at)


def _integral(expr: sp.Integral, typeset: Typeset) -> Node:
    factors: list[Node] = []
    for symbol, *ends in reversed(expr.args[1:]):
        sign: Node = Sign("int")
        if len(ends) == 2:
            sign = Stack(sign, typeset(ends[0]), typeset(ends[1]))
        factors += [sign, Row((Sign("d"), typeset(symbol)))]
    return Product((*factors, as_factor(typeset(expr.args[0]))))


def _indexed_sum(expr: sp.Sum, typeset: Typeset) -> Node:
    body, (index, low, high) = expr.args
    below = Row((typeset(index), Sign("="), typeset(low)))
    return Product((Stack(Sign("sum"), below, typeset(high)), as_factor(typeset(body))))


def _joined(word: str) -> Callable[[Any, Typeset], Node]:
    def join(expr: Any, typeset: Typeset) -> Node:
        items: list[Node] = []
        for argument in expr.args:
            items += [typeset(argument), Word(f" {word} ")]
        return Row(tuple(items[:-1]), loose=True)

    return join


#: What is neither a number, a sum, a product nor a function, by the name of its class.
OPERATORS: dict[str, Callable[[Any, Typeset], Node]] = {
    "Derivative": _derivative,
    "Subs": _subs,
    "Integral": _integral,
    "Sum": _indexed_sum,
    "And": _joined("and"),
    "Or": _joined("or"),
}
