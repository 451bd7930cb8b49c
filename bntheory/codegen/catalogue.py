"""What is generated: for each module of :mod:`bntheory.formulas`, its functions in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

import derivations
from bntheory.activations import ACTIVATIONS, Activation
from bntheory.codegen import generalization, regularizer
from bntheory.codegen.cheap import Kept
from bntheory.codegen.function import PAPER, Function
from bntheory.codegen.near import careful, steady
from bntheory.codegen.rates import aligned
from bntheory.notation import SYMBOLS
from derivations.model import closed_form

_STATE = ("gamma", "R", "L", "eta")
_NEAR = ("gamma", "misalignment", "L", "eta", "zeta")
_BN_RATES = ("dgamma/dt", "dR/dt", "dL/dt")
_NEAR_RATES = ("dgamma/dt", "d(1-R)/dt", "dL/dt")
_MATRIX = ("rows of the Jacobian, each a tuple",)

#: name, statement, result, arguments, summary, returned quantities, place in the paper
_DERIVED: tuple[tuple[str, str, str, tuple[str, ...], str, tuple[str, ...], str], ...] = (
    ("I1", "eq13", "I1", ("gamma", "R"), "E[delta u], the pull on gamma", ("I1",), "Eq. (13)"),
    (
        "I2",
        "eq15",
        "I2",
        ("gamma", "R"),
        "E[delta^2], the noise of the gradient",
        ("I2",),
        "Eq. (15)",
    ),
    (
        "I3",
        "eq14",
        "I3",
        ("gamma", "R"),
        "E[delta v], the pull toward the teacher",
        ("I3",),
        "Eq. (14)",
    ),
    (
        "online_error",
        "online-error",
        "online_error",
        ("gamma", "R"),
        "E[(g(v) - g(u))^2] / 2, the generalization error of the student",
        ("error",),
        "Sec. 3, the loss",
    ),
    (
        "bn_rates",
        "drift",
        "bn_rates",
        (*_STATE, "zeta"),
        "Rates of the order parameters for batch normalization as WN with gamma decay",
        _BN_RATES,
        "Eq. (10)",
    ),
    (
        "wn_rates",
        "drift",
        "bn_rates",
        _STATE,
        "Rates of the order parameters for weight normalization",
        _BN_RATES,
        "Eq. (10) with zeta = 0",
    ),
    (
        "sgd_rates",
        "drift",
        "sgd_rates",
        ("R", "L", "eta"),
        "Rates of the order parameters for plain SGD",
        ("dR/dt", "dL/dt"),
        "Table 1",
    ),
    (
        "bn_fixed_point",
        "prop1",
        "bn_fixed_point",
        ("zeta",),
        "gamma at rest",
        ("gamma0",),
        "Prop. 1",
    ),
    (
        "bn_eta_max",
        "table1-bn",
        "bn_eta_max",
        ("zeta",),
        "Largest stable effective learning rate of batch normalization",
        ("eta_max",),
        "Table 1",
    ),
    (
        "bn_eta_eff",
        "table1-bn",
        "bn_eta_eff",
        ("eta", "zeta", "L0"),
        "Effective learning rate of batch normalization",
        ("eta_eff",),
        "Table 1",
    ),
    (
        "bn_lambda_gamma",
        "prop3",
        "bn_lambda_gamma",
        ("eta", "zeta"),
        "Eigenvalue of the Jacobian at rest that belongs to gamma",
        ("lambda_gamma",),
        "Prop. 2",
    ),
    (
        "bn_lambda_R",
        "prop3",
        "bn_lambda_R",
        ("eta", "zeta", "L0"),
        "Eigenvalue of the Jacobian at rest that belongs to R",
        ("lambda_R",),
        "Prop. 2",
    ),
    (
        "wn_eta_max",
        "table1-wn",
        "wn_eta_max",
        (),
        "Largest stable effective learning rate of weight normalization",
        ("eta_max",),
        "Table 1",
    ),
    (
        "wn_eta_eff",
        "table1-wn",
        "wn_eta_eff",
        ("eta", "L0"),
        "Effective learning rate of weight normalization",
        ("eta_eff",),
        "Table 1",
    ),
    (
        "sgd_eta_max",
        "table1-sgd",
        "sgd_eta_max",
        (),
        "Largest stable learning rate of plain SGD",
        ("eta_max",),
        "Table 1",
    ),
    (
        "sgd_eta_eff",
        "table1-sgd",
        "sgd_eta_eff",
        ("eta",),
        "Effective learning rate of plain SGD",
        ("eta_eff",),
        "Table 1",
    ),
)


def functions(activation: Activation) -> Iterator[Function]:
    """Yield the functions of an activation's module.

    Those in terms of the decay are left out where the fixed point is not elementary in it.
    """
    extra = tuple(symbol.name for symbol in activation.parameters)
    for name, id, result, arguments, summary, returns, source in _DERIVED:
        results = derivations.derive(id, activation).results
        elementary = "bn_fixed_point" in derivations.derive("prop1", activation).results
        if "zeta" in arguments and name != "bn_rates" and not elementary:
            continue
        expr = sp.sympify(results[result])
        if "zeta" not in arguments:
            expr = expr.subs(SYMBOLS["zeta"], 0)
        yield Function(
            name, (*arguments, *extra), expr, steady(expr), summary, returns, f"{PAPER}, {source}"
        )
    yield from aligned_functions(activation)


def aligned_functions(activation: Activation) -> Iterator[Function]:
    """Yield the functions of m = 1 - R, which keep their digits as R -> 1."""
    extra = tuple(symbol.name for symbol in activation.parameters)
    error = careful(closed_form(derivations.derive("online-error", activation), "online_error"))
    yield Function(
        "online_error_aligned",
        ("gamma", "misalignment", *extra),
        _exact(error),
        error,
        "E[(g(v) - g(u))^2] / 2, stable as R -> 1",
        ("error",),
        f"{PAPER}, Sec. 3, the loss, in 1 - R",
    )
    for method, arguments, state, what in (
        ("bn", _NEAR, _NEAR_RATES, "batch normalization as WN with gamma decay"),
        ("sgd", ("misalignment", "L", "eta"), _NEAR_RATES[1:], "plain SGD"),
    ):
        rates, jacobian = aligned(activation, method)
        source = f"{PAPER}, {'Eq. (10)' if method == 'bn' else 'Table 1'}, in 1 - R"
        for name, expr, summary, returns in (
            ("rates", rates, f"Rates of {what}, stable as R -> 1", state),
            ("jacobian", jacobian, f"Jacobian of the rates of {what}, stable as R -> 1", _MATRIX),
        ):
            yield Function(
                f"{method}_{name}_aligned",
                (*arguments, *extra),
                _exact(expr),
                expr,
                summary,
                returns,
                source,
            )


def _exact(expr: Any) -> Any:
    """Return the form that holds everywhere, without the branch for small 1 - R."""
    return expr.replace(sp.Piecewise, lambda near, far: far[0]).replace(Kept, lambda x: x)


@dataclass(frozen=True)
class Module:
    """A module to generate: the first line of its docstring, and its functions."""

    title: str
    functions: Callable[[], Iterator[Function]]


#: The generated modules, by name.
MODULES: dict[str, Module] = {
    **{
        name: Module(
            f"Formulas for the activation {name}, {activation.meaning}",
            partial(functions, activation),
        )
        for name, activation in ACTIVATIONS.items()
    },
    "regularizer": Module(
        "What batch normalization adds to the loss: the paper's gamma decay, and a batch's own",
        regularizer.functions,
    ),
    "generalization": Module(
        "Generalization error and free energy of a student trained on P = alpha N samples",
        generalization.functions,
    ),
}


def origins() -> Iterator[tuple[str, str, str]]:
    """Yield each function's module and name, and the statement that it is derived in.

    Nothing is derived for it, and functions that an activation has not are among them.
    """
    for activation in ACTIVATIONS:
        for name, id, *_ in _DERIVED:
            yield activation, name, id
        yield activation, "online_error_aligned", "online-error"
        for method in ("bn", "sgd"):
            yield activation, f"{method}_rates_aligned", "drift"
            yield activation, f"{method}_jacobian_aligned", "drift"
    for name, id, *_ in regularizer.DERIVED:
        yield "regularizer", name, id
    for entry in generalization.ENTRIES:
        yield "generalization", entry.name, entry.id
