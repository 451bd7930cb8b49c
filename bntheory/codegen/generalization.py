"""What is generated for generalization: its functions, in the order of the paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

import derivations
from bntheory.calculus.spectrum import steady_root
from bntheory.codegen.cheap import Kept
from bntheory.codegen.function import PAPER, Function
from bntheory.notation import SYMBOLS

alpha, ridge, S, a = (SYMBOLS[name] for name in ("alpha", "ridge", "S", "a"))
kappa, G_value = SYMBOLS["kappa"], SYMBOLS["G_value"]

OVERLAPS = ("gamma", "R")
STATE = ("gamma", "R", "chi", "alpha", "ridge", "S")


@dataclass(frozen=True)
class Entry:
    """A function of the module: where it is derived, and what is said of it."""

    name: str
    id: str
    result: str
    arguments: tuple[str, ...]
    summary: str
    returns: tuple[str, ...]
    source: str


ENTRIES: tuple[Entry, ...] = (
    *(
        Entry(name, "eq18", name, OVERLAPS, f"Generalization error of {who}", ("error",), where)
        for name, who, where in (
            ("error_linear", "a linear student of a linear teacher", "Eq. (18)"),
            ("error_relu", "a ReLU student of a linear teacher", "Eq. (18)"),
            ("error_linear_relu_teacher", "a linear student of a ReLU teacher", "beyond Eq. (18)"),
            ("error_relu_relu_teacher", "a ReLU student of a ReLU teacher", "beyond Eq. (18)"),
        )
    ),
    Entry(
        "sgd_linear",
        "sgd-linear",
        "sgd_linear",
        ("alpha", "S"),
        "Generalization error of a linear student trained to its end without decay",
        ("error",),
        "Sec. 4.1",
    ),
    Entry(
        "sgd_relu",
        "sgd-relu",
        "sgd_relu",
        ("alpha", "S"),
        "The same of a ReLU student, by the paper's argument, beyond alpha = 2, too",
        ("error",),
        "Sec. 4.1 and Eq. (25)",
    ),
    Entry(
        "resolvent",
        "wn-linear",
        "resolvent",
        ("alpha", "ridge"),
        "Marchenko-Pastur resolvent, tr(X^T X + ridge I)^{-1}/N",
        ("G",),
        "Sec. 4.1",
    ),
    Entry(
        "wn_linear",
        "wn-linear",
        "wn_linear",
        ("alpha", "ridge", "S"),
        "Generalization error of a linear student with a ridge, alpha zeta for a decay zeta",
        ("error",),
        "Sec. 4.1",
    ),
    Entry(
        "batch_linear",
        "bn-linear",
        "batch_linear",
        ("alpha", "M", "S"),
        "Error of the linear student that has the least expected loss of batches, to order 1/M",
        ("error",),
        "beyond Sec. 4.1",
    ),
    Entry(
        "free_energy_relu",
        "prop5",
        "free_energy_relu",
        ("gamma", "R", "q", "alpha", "beta", "S"),
        "-beta f of a ReLU student, by the paper's argument; nan unless gamma < q",
        ("-beta f",),
        "Prop. 5, Eq. (21)",
    ),
    Entry(
        "order_parameters_relu",
        "eq22",
        "order_parameters",
        ("alpha", "a", "S"),
        "Where -beta f of Eq. (21) is stationary; nan unless alpha < 2 a^2",
        ("gamma^2", "gamma R"),
        "Eqs. (22) and (23)",
    ),
    Entry(
        "equilibrium_error_relu",
        "eq24",
        "equilibrium_error_relu",
        ("alpha", "a", "S"),
        "Generalization error there, that of the centre of the solutions; nan unless alpha < 2 a^2",
        ("error",),
        "Eq. (24)",
    ),
    Entry(
        "rs_energy_relu",
        "rs-relu",
        "rs_energy_relu",
        STATE,
        "Training energy per weight of a ReLU student, to be made stationary; nan at R^2 = 1 + S",
        ("energy",),
        "beyond Prop. 5",
    ),
    Entry(
        "rs_slopes_relu",
        "rs-relu",
        "rs_slopes_relu",
        STATE,
        "Slopes of rs_energy_relu in its order parameters; nan at R^2 = 1 + S",
        ("slope in gamma", "slope in R", "slope in chi"),
        "beyond Prop. 5",
    ),
    Entry(
        "rs_interpolation_relu",
        "rs-capacity",
        "rs_interpolation_relu",
        ("gamma", "R", "alpha", "S"),
        "What is zero for the shortest ReLU student of least training error",
        ("gamma^2 (1 - R^2) - alpha D", "slope of the energy in R, over gamma"),
        "beyond Prop. 5",
    ),
    Entry(
        "rs_response_relu",
        "rs-capacity",
        "rs_response_relu",
        ("gamma", "R", "alpha", "S"),
        "Its response ridge chi, the replicon: positive where there is such a student",
        ("X",),
        "beyond Prop. 5",
    ),
    Entry(
        "capacity_relu",
        "rs-capacity",
        "capacity",
        ("angle",),
        "Load up to which a ReLU student reaches the least training error, and the noise S there",
        ("alpha_c", "S"),
        "beyond Eq. (25)",
    ),
)


def functions() -> Iterator[Function]:
    """Yield the functions of the module."""
    for entry in ENTRIES:
        results = dict(derivations.derive(entry.id).results)
        expr = FORMS.get(entry.name, lambda found, name=entry.result: found[name])(results)
        yield Function(
            entry.name,
            entry.arguments,
            expr.replace(Kept, lambda x: x),
            expr,
            entry.summary,
            entry.returns,
            f"{PAPER}, {entry.source}",
        )


def _resolvent(found: Mapping[str, Any]) -> sp.Expr:
    """Write the resolvent so that no digits cancel, and as oo where there are null directions."""
    equation = found["equation_of_resolvent"]
    (above, _), (below, _) = steady_root(equation, G_value).args
    middle = _exact_gap(sp.Poly(equation, G_value).coeff_monomial(G_value))
    return sp.Piecewise(
        (_exact_gap(above), middle > 0), (sp.oo, ridge <= 0), (_exact_gap(below), True)
    )


def _wn_linear(found: Mapping[str, Any]) -> sp.Expr:
    """Write the error in the same way; it is oo for noise at alpha = 1 without a ridge."""
    root = steady_root(found["equation_of_kappa"], kappa)
    (square,) = {power.base for power in root.atoms(sp.Pow) if power.exp == sp.S.Half}
    error = found["in_kappa"].subs(kappa, root)
    return _exact_gap(sp.Piecewise((error, square > 0), (sp.oo, S > 0), (sp.S.Zero, True)))


def _exact_gap(expr: sp.Expr) -> sp.Expr:
    """Take alpha - 1 first, which is exact near alpha = 1."""
    gap = Kept(alpha - 1)
    return expr.subs({alpha + ridge - 1: gap + ridge, alpha - ridge - 1: gap - ridge})


def _apart(expr: sp.Piecewise) -> sp.Expr:
    """Let the sides of a pole at alpha = 2 share no quotient, which would divide by 0 there."""
    (first, where), *rest = expr.args
    return sp.Piecewise((first.xreplace({1 / (alpha - 2): -1 / (2 - alpha)}), where), *rest)


def _inside(expr: Any) -> sp.Expr:
    """Return nan unless alpha < 2 a^2."""
    return sp.Piecewise((expr, alpha < 2 * a**2), (sp.nan, True))


def _order_parameters(found: Mapping[str, Any]) -> sp.Tuple:
    overlap = derivations.derive("eq23")["overlap"]
    return sp.Tuple(_inside(found["gamma_squared"]), _inside(overlap))


#: What is not generated as it was derived.
FORMS: dict[str, Any] = {
    "sgd_relu": lambda found: _apart(found["sgd_relu"]),
    "resolvent": _resolvent,
    "wn_linear": _wn_linear,
    "order_parameters_relu": _order_parameters,
    "equilibrium_error_relu": lambda found: _inside(found["equilibrium_error_relu"]),
    "capacity_relu": lambda found: sp.Tuple(found["capacity_load"], found["capacity_noise"]),
}
