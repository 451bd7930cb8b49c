"""A function as source text, and a module as source text, for each backend."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from textwrap import fill, indent
from typing import Any

import sympy as sp

from bntheory.codegen.cheap import Root, cheap, guarded, shared
from bntheory.codegen.far import ratio
from bntheory.codegen.function import Function
from bntheory.codegen.printers import MathSource, MpmathSource, NumPySource, TorchSource
from bntheory.formula import DOMAINS
from bntheory.notation import BY_NAME, SYMBOLS, Gamma

WIDTH = 99


@dataclass(frozen=True)
class Backend:
    """How a backend's modules are written.

    ``special`` are the names it takes from ``scipy.special``.  ``exact`` is True where the working
    precision is the user's, so that constants stay as they are and no branch is needed.
    ``lazy`` is True where one branch of several is computed, not all.
    """

    name: str
    printer: Any
    package: str
    names: tuple[str, ...]
    special: tuple[str, ...] = ()
    exact: bool = False
    lazy: bool = False


def _names(own: str) -> tuple[str, ...]:
    """Return names in their order, with those that every backend has."""
    return tuple(sorted([*own.split(), "cos", "inf", "log", "nan", "sin", "sqrt", "tan"]))


NUMPY = Backend(
    "numpy", NumPySource(), "numpy", _names("arccos arcsin arctan where"), special=("poch",)
)
TORCH = Backend("torch", TorchSource(), "torch", _names("acos asin atan exp lgamma where"))
MATH = Backend("math", MathSource(), "math", _names("acos asin atan exp lgamma"), lazy=True)
MPMATH = Backend(
    "mpmath",
    MpmathSource(),
    "mpmath",
    _names("acos asin atan mag mp mpf mpmathify pi rf workprec"),
    exact=True,
)
BACKENDS = (TORCH, MATH, MPMATH)


def body(expr: Any, backend: Backend) -> list[str]:
    """Return the lines that compute ``expr``, common subexpressions first."""
    leaves = list(_leaves(expr))
    form = _exact if backend.exact else cheap
    named, reduced = shared([form(leaf) for leaf in leaves])
    if backend.lazy:
        named, reduced = guarded(named, reduced)
    lines = [f"{name} = {backend.printer.doprint(value)}" for name, value in named]
    texts = [backend.printer.doprint(value) for value in reduced]
    if backend.exact and SYMBOLS["misalignment"] in expr.free_symbols:
        return _with_spare_digits(expr, lines, texts)
    return [*lines, f"return {_nested(expr, iter(texts))}"]


def _exact(expr: sp.Expr) -> sp.Expr:
    """Take the inverse sine of sqrt(m/2) and not of sqrt(2) sqrt(m)/2, which may exceed 1."""
    half = SYMBOLS["misalignment"] / 2
    if expr.has(sp.gamma):
        expr = ratio(expr)
    return expr.replace(sp.asin(sp.sqrt(half)), sp.asin(Root(half)))


def _with_spare_digits(expr: Any, lines: list[str], texts: list[str]) -> list[str]:
    """Compute at a precision that leaves the asked one where digits cancel as m -> 0, and round."""
    arguments = "".join(f"{name}, " for name in sorted(s.name for s in expr.free_symbols))
    results = [f"y{k} = {text}" for k, text in enumerate(texts)]
    inside = [f"{arguments}= map(mpmathify, ({arguments}))", *lines, *results]
    return [
        "with workprec(3*mp.prec + max(0, -mag(misalignment or 1))):",
        *(f"    {line}" for line in inside),
        f"return {_nested(expr, iter([f'+y{k}' for k in range(len(texts))]))}",
    ]


def _leaves(expr: Any) -> Iterable[sp.Expr]:
    if isinstance(expr, sp.Tuple):
        for entry in expr:
            yield from _leaves(entry)
    else:
        yield expr


def _nested(expr: Any, texts: Any) -> str:
    if isinstance(expr, sp.Tuple):
        return f"({', '.join(_nested(entry, texts) for entry in expr)},)"
    return str(next(texts))


def function(spec: Function, backend: Backend, decorate: bool) -> str:
    """Return the source of one function."""
    expr = spec.expr if backend.exact else spec.fast
    lines = [f"def {spec.name}({', '.join(spec.arguments)}):"]
    if decorate:
        lines = [
            _decorator(spec),
            *lines,
            *indent(_docstring(spec), "    ").splitlines(),
        ]
    return "\n".join([*lines, *(f"    {line}" for line in body(expr, backend))])


def _decorator(spec: Function) -> str:
    domain = "".join(
        f", {name}=({_end(low)}, {_end(high)}, {left_open!r})"
        for name, (low, high, left_open) in spec.domain.items()
    )
    text = str(spec.expr.replace(sp.gamma, Gamma))  # gamma is the scale, in the notation
    return f"@formula({spec.source!r}, {text!r}{domain})"


def _end(high: float) -> str:
    return repr(high) if isfinite(high) else f'float("{high}")'


def _docstring(spec: Function) -> str:
    lines = [f'"""{spec.summary}.', ""]
    if spec.arguments:
        lines += ["Parameters", "----------"]
        for name in spec.arguments:
            quantity = BY_NAME[name]
            lines += [f"{name} : float or array"]
            meaning = quantity.meaning[0].upper() + quantity.meaning[1:]
            lines += [f"    {meaning}; {_domain(name, spec)}."]
        lines += [""]
    lines += ["Returns", "-------"]
    kind = "float or array" if len(spec.returns) == 1 else "tuple of float or array"
    if spec.name.endswith("jacobian_aligned"):
        kind = "tuple of tuples of float or array"
    lines += [
        kind,
        f"    {', '.join(spec.returns)}, of the broadcast shape; nan outside the domain.",
    ]
    lines += ["", "Notes", "-----", f"{spec.source}.", '"""']
    return "\n".join(lines)


def _domain(name: str, spec: Function) -> str:
    low, high, left_open = spec.domain.get(name, DOMAINS[name])
    left = f"{low:g} {'<' if left_open else '<='} " if isfinite(low) else ""
    right = f" <= {high:g}" if isfinite(high) else ""
    return f"{left}{name}{right}" if left or right else "any real number"


def module(title: str, specs: list[Function], backend: Backend) -> str:
    """Return the source of a module."""
    decorate = backend is NUMPY
    functions = [function(spec, backend, decorate) for spec in specs]
    code = "\n".join(function(spec, backend, decorate=False) for spec in specs)
    used, special = (
        [n for n in names if re.search(rf"\b{n}\b", code)]
        for names in (backend.names, backend.special)
    )
    note = "" if decorate else f", for {backend.name}"
    head = [f'"""{title}{note}.', "", "Generated by ``python -m bntheory.codegen``; do not edit."]
    head += ['"""', "", "# ruff: noqa", "# mypy: ignore-errors", ""]
    if used:
        head += [f"from {backend.package} import {', '.join(used)}"]
    if special:
        head += [f"from scipy.special import {', '.join(special)}"]
    if used or special:
        head += [""]
    if decorate:
        head += ["from bntheory.formula import formula", ""]
        names = ", ".join(repr(spec.name) for spec in specs)
        head += [fill(f"__all__ = [{names}]", WIDTH, subsequent_indent="    ")]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join(functions) + "\n"
