"""Functions for an activation that has no module in :mod:`bntheory.formulas`, made at run time.

The same derivations, forms and printers as for the generated modules; only nothing is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from typing import Any

from bntheory.activations import Activation
from bntheory.codegen.catalogue import aligned_functions
from bntheory.codegen.function import Function
from bntheory.codegen.source import BACKENDS, NUMPY, Backend, function
from bntheory.formula import Formula

_BY_NAME = {backend.name: backend for backend in BACKENDS}


@cache
def compiled(activation: Activation) -> Mapping[str, Formula]:
    """Derive and compile the functions that end in ``_aligned``.

    Parameters
    ----------
    activation : Activation
        One with closed forms: a polynomial on each side of 0, or polynomials times erf and
        Gaussians.

    Returns
    -------
    mapping of str to Formula

    Raises
    ------
    bntheory.calculus.gaussian.NoClosedForm
        A ``ValueError``, if it has none.
    """
    formulas = {}
    for spec in aligned_functions(activation):
        others = cache(partial(_of_backend, spec))
        formulas[spec.name] = Formula(_made(spec, NUMPY), spec.source, str(spec.expr), others)
    return formulas


def _of_backend(spec: Function, name: str) -> Callable[..., Any]:
    return _made(spec, _BY_NAME[name])


def _made(spec: Function, backend: Backend) -> Callable[..., Any]:
    module = import_module(backend.package)
    scope: dict[str, Any] = {known: getattr(module, known) for known in backend.names}
    source = function(spec, backend, decorate=False)
    exec(compile(source, f"<{spec.name} for {backend.name}>", "exec"), scope)  # our own source
    made: Callable[..., Any] = scope[spec.name]
    made.__doc__ = f"{spec.summary}."
    return made
