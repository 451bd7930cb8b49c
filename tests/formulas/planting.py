"""Errors to plant in the source text of a generated function."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from bntheory.formula import Formula


class Mutant(NamedTuple):
    """A function with one error, and what the error is."""

    kind: str
    error: str
    function: Callable[..., Any]


def plain(function: Formula) -> ast.FunctionDef:
    """Return the syntax tree of the undecorated function, without its docstring."""
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    tree.body = tree.body[1:]
    return tree


def compiled(tree: ast.FunctionDef) -> Callable[..., Any]:
    """Return the function that a syntax tree defines."""
    scope: dict[str, Any] = {name: getattr(np, name) for name in ("arcsin", "sqrt", "where")}
    module = ast.fix_missing_locations(ast.Module([tree], []))
    exec(compile(module, "<mutant>", "exec"), scope)
    made: Callable[..., Any] = scope[tree.name]
    return made


def mutants(function: Formula) -> Iterator[Mutant]:
    """Yield every function with one sign, one number or one power or product changed."""
    tree = plain(function)
    results = [id(node) for node in _results(tree.body[-1].value)]
    for holder, key in list(_places(tree)):
        node = holder[key]
        for kind, other in (*_errors(node), *(_whole(node) if id(node) in results else ())):
            holder[key] = other
            made = compiled(tree)
            holder[key] = node
            yield Mutant(kind, f"{ast.unparse(other)} for {ast.unparse(node)}", made)


def _places(tree: ast.AST) -> Iterator[tuple[Any, Any]]:
    """Yield where each expression stands: a dictionary and a key, or a list and an index."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr):
                yield vars(parent), field
            elif isinstance(value, list):
                yield from (
                    (value, k) for k, entry in enumerate(value) if isinstance(entry, ast.expr)
                )


def _results(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what a function returns, entry by entry."""
    if isinstance(node, ast.Tuple):
        for entry in node.elts:
            yield from _results(entry)
    else:
        yield node


def _whole(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    yield "sign", ast.UnaryOp(ast.USub(), node)
    yield "number", ast.BinOp(ast.Constant(2.0), ast.Mult(), node)
    yield "power", ast.BinOp(node, ast.Mult(), node)


def _errors(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Constant):
        yield "number", ast.Constant(2.0 * node.value if node.value else 1.0)
    elif isinstance(node, ast.UnaryOp):
        yield "sign", node.operand
    elif isinstance(node, ast.Call):
        if len(node.args) == 1:
            yield "power", node.args[0]  # no root, no inverse sine
        else:
            condition, near, far = node.args
            yield "branch", ast.Call(node.func, [condition, far, near], [])
    elif isinstance(node, ast.BinOp):
        left, right = node.left, node.right
        if isinstance(node.op, (ast.Add, ast.Sub)):
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield "sign", ast.BinOp(left, other, right)
        elif isinstance(node.op, ast.Mult):
            yield "power", left
            if ast.dump(left) != ast.dump(right):
                yield "power", right
        elif isinstance(node.op, ast.Div):
            yield "power", ast.BinOp(left, ast.Mult(), right)
