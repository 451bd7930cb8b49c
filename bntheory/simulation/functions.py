"""Activation functions and their derivatives for numbers, as torch and numba take them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sympy as sp

from bntheory.activations import Activation, X, of

#: g and g'.
Pair = tuple[Callable[..., Any], Callable[..., Any]]


def chosen(activation: Any, slope: float | None) -> Activation:
    """Return an activation function without free parameters.

    Parameters
    ----------
    activation : str, Activation, Expr or callable
        Whatever :func:`bntheory.activations.of` takes.
    slope : float or None
        That of leaky ReLU.

    Raises
    ------
    ValueError
        If there is no such function, or a slope is missing or is given to a function without one.
    """
    found = of(activation)
    if not found.parameters:
        if slope is not None:
            raise ValueError(f"slope = {slope!r}, but {found.name} has no slope")
        return found
    if slope is None:
        raise ValueError(f"{found.name} needs its slope")
    (parameter,) = found.parameters
    return Activation(f"{found.name}, slope {slope:g}", found.expr.subs(parameter, slope))


@cache
def for_torch(activation: Activation) -> Pair:
    """Return g and g' of tensors."""
    import torch

    def where(condition: Any, yes: Any, no: Any) -> Any:  # torch's would make numbers float32
        zero = torch.zeros(condition.shape, dtype=torch.float64, device=condition.device)
        return torch.where(condition, zero + yes, zero + no)

    def function(expr: sp.Expr) -> Callable[..., Any]:
        code = sp.lambdify(X, _floats(expr), modules=[{"where": where}, "torch"])
        return lambda x: torch.as_tensor(code(x), dtype=x.dtype, device=x.device)

    return function(activation.expr), function(activation.derivative(X))


def compiler(device: str = "cpu") -> Callable[..., Any]:
    """Return the decorator by which numba compiles functions that others call on a device.

    Nothing raises in them: what is divided by zero is infinite or nan.
    """
    if device == "cuda":
        from numba import cuda

        return cuda.jit(device=True)
    from numba import njit

    loose = {"reassoc", "contract", "arcp"}
    return njit(nogil=True, error_model="numpy", fastmath=loose, forceinline=True)


@cache
def for_numba(activation: Activation, device: str = "cpu") -> Pair:
    """Return g and g' of floats, compiled for a device."""
    compiled = compiler(device)

    def function(expr: sp.Expr) -> Callable[..., Any]:
        code = compiled(sp.lambdify(X, _floats(expr), modules="math"))
        return compiled(lambda x: 1.0 * code(x))

    return function(activation.expr), function(activation.derivative(X))


def _floats(expr: sp.Expr) -> sp.Expr:
    """Replace what torch has no function for: roots and constants by floats, erfc by erf."""
    expr = expr.replace(sp.erfc, lambda z: 1 - sp.erf(z))
    return expr.replace(lambda e: e.is_number and not e.is_Rational, lambda e: e.evalf(17))
