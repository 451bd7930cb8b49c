"""A system: the equations of motion of one method with one activation function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from bntheory import formulas
from bntheory.formula import Formula

METHODS = {
    "bn": "batch normalization as weight normalization with gamma decay",
    "wn": "weight normalization",
    "sgd": "plain SGD",
}


@dataclass(frozen=True)
class System:
    """The equations of motion of one method with one activation function.

    Attributes
    ----------
    method : {"bn", "wn", "sgd"}
    activation : str
    rates, jacobian : Formula
        Functions of the state, (gamma, 1 - R, L) or (1 - R, L), and of the parameters.
    error : Formula
        The online error, a function of (gamma, 1 - R), or (L, 1 - R) without a gamma.
    extra : tuple of str
        Parameters of the activation function.
    gamma0 : callable or None
        The closed form of gamma at rest as a function of zeta, where there is one.
    """

    method: str
    activation: str
    rates: Formula
    jacobian: Formula
    error: Formula
    extra: tuple[str, ...]
    gamma0: Callable[..., Any] | None

    @property
    def state(self) -> tuple[str, ...]:
        """The names of what is integrated."""
        return ("misalignment", "L") if self.method == "sgd" else ("gamma", "misalignment", "L")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of what the rates take besides the state; ``wn`` is ``bn`` with zeta = 0."""
        return ("eta", *self.extra) if self.method == "sgd" else ("eta", "zeta", *self.extra)


def find(method: Any, activation: Any) -> System:
    """Return a system by the method's name and whatever :func:`bntheory.activations.of` takes.

    Raises
    ------
    ValueError
        If there is no such method or activation, or if it has no closed forms.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"no method {method!r}; {_hint(str(method), METHODS, 'methods')}")
    if not (isinstance(activation, str) and activation in _generated()):
        from bntheory.activations import ACTIVATIONS, of

        activation = of(activation)
        if activation in ACTIVATIONS.values():
            activation = activation.name
    return _system(method, activation)


@cache
def _generated() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(formulas.__path__))


@cache
def _system(method: str, activation: Any) -> System:
    functions: Mapping[str, Formula]
    if isinstance(activation, str):
        name, functions = activation, vars(import_module(f"bntheory.formulas.{activation}"))
    else:
        from bntheory.codegen.compile import compiled

        name, functions = activation.name, compiled(activation)
    kind = "sgd" if method == "sgd" else "bn"
    error = functions["online_error_aligned"]
    extra = tuple(error.__signature__.parameters)[2:]
    return System(
        method,
        name,
        functions[f"{kind}_rates_aligned"],
        functions[f"{kind}_jacobian_aligned"],
        error,
        extra,
        functions.get("bn_fixed_point"),
    )


def _hint(name: str, known: Any, what: str) -> str:
    near = get_close_matches(name.lower(), known, n=2, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"the {what} are {', '.join(known)}"
