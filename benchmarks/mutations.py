"""Small errors to plant in a source text, one at a time: the mutants of a module.

What no test can see is left alone: docstrings and other text for people (a string with a space, an
f-string, whatever is raised), names of symbols, annotations and aliases of types, imports,
decorators (caches and the like), ``__all__``, the ``strict`` of a ``zip``, and the order of
arguments where it has no meaning (``min``, ``max``, ``has``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NamedTuple

BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.FloorDiv, ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPPOSITE = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
UNSEEN = ("annotation", "returns", "decorator_list", "exc", "cause", "ctx", "type_comment")
UNORDERED = ("min", "max", "has")
CONTEXT = 24  # characters around a change that are shown


class Place(NamedTuple):
    """Where a node stands in its parent, and the function that it belongs to."""

    holder: Any
    key: Any
    function: str
    first: int

    @property
    def node(self) -> ast.AST:
        return self.holder[self.key]


class Mutant(NamedTuple):
    """An error: in which function, that function's first line, the line, and what is changed."""

    function: str
    first: int
    line: int
    change: str


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Yield every mutant of a module; while it is looked at, the tree is the mutated one."""
    for place in list(_places(tree, "", 0)):
        node = place.node
        for other in _errors(node):
            change = _difference(ast.unparse(node), ast.unparse(other))
            place.holder[place.key] = ast.fix_missing_locations(ast.copy_location(other, node))
            yield Mutant(place.function, place.first, node.lineno, change)
            place.holder[place.key] = node


def _places(parent: ast.AST, function: str, first: int) -> Iterator[Place]:
    """Yield the places below a node, outermost first, but for what no test can see."""
    for name, value in ast.iter_fields(parent):
        if name in UNSEEN:
            continue
        holder: Any = value if isinstance(value, list) else vars(parent)
        keys = range(len(value)) if isinstance(value, list) else [name]
        for key in keys:
            node = holder[key]
            if not isinstance(node, ast.AST) or _unseen(node):
                continue
            if name == "args" and key == 0 and _makes_symbols(parent):
                continue
            inner, start = function, first
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{function}.{node.name}".lstrip(".")
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            if hasattr(node, "lineno"):
                yield Place(holder, key, function, first)
            yield from _places(node, inner, start)


def _makes_symbols(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in ("Symbol", "Dummy", "symbols")


def _name(called: ast.expr) -> str:
    return ast.unparse(called).split(".")[-1]


def _unseen(node: ast.AST) -> bool:
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.JoinedStr)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value
    if isinstance(node, ast.Assign):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        alias = isinstance(node.value, ast.Subscript) and names and names[0][0].isupper()
        return names == ["__all__"] or bool(alias)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    return isinstance(node, ast.keyword) and node.arg == "strict"


def _errors(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand for a node by mistake."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield ast.Constant(node.value + 1)
        elif isinstance(node.value, float):
            yield ast.Constant(2 * node.value or 1.0)
        elif isinstance(node.value, str):
            yield ast.Constant(f"{node.value}_")
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        if isinstance(node, ast.BinOp):
            yield ast.BinOp(node.left, BINARY[type(node.op)](), node.right)
        else:
            yield ast.AugAssign(node.target, BINARY[type(node.op)](), node.value)
            yield ast.Pass()
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            ops = [*node.ops[:k], COMPARED[type(op)](), *node.ops[k + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        if _can_be_negated(node.test):
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Call) and _name(node.func) not in UNORDERED:
        for k, (a, b) in enumerate(zip(node.args, node.args[1:], strict=False)):
            if not isinstance(a, ast.Starred | ast.Constant) and not isinstance(b, ast.Starred):
                if ast.dump(a) != ast.dump(b):
                    yield _with(node, args=[*node.args[:k], b, a, *node.args[k + 2 :]])
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()
    elif isinstance(node, ast.Return):
        if node.value is not None and ast.unparse(node.value) != "None":
            yield ast.Return(ast.Constant(None))
    elif isinstance(node, (ast.Expr, ast.Raise)) or (
        isinstance(node, ast.Assign) and not isinstance(node.targets[0], (ast.Name, ast.Tuple))
    ):  # without the others a name would be missing: every test sees that
        yield ast.Pass()
    elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        for k, source in enumerate(node.generators):
            for n, test in enumerate(source.ifs):
                if _can_be_negated(test):
                    ifs = [*source.ifs]
                    ifs[n] = ast.UnaryOp(ast.Not(), test)
                    sources = [*node.generators]
                    sources[k] = _with(source, ifs=ifs)
                    yield _with(node, generators=sources)


def _can_be_negated(test: ast.expr) -> bool:
    """Whether the negation is not among the other errors already."""
    compared = isinstance(test, ast.Compare) and isinstance(test.ops[0], OPPOSITE)
    return not (compared or (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)))


def _with(node: Any, **fields: Any) -> Any:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _difference(before: str, after: str) -> str:
    """Return what is changed, without what is the same further away."""
    before, after = before.split("\n")[0], after.split("\n")[0]
    same = next((k for k, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    start = max(0, same - CONTEXT)
    return " -> ".join(_excerpt(text, start, same + CONTEXT) for text in (before, after))


def _excerpt(text: str, start: int, end: int) -> str:
    return f"{'...' if start else ''}{text[start:end]}{'...' if len(text) > end else ''}"
