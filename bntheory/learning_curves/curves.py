"""Learning curves: any of the theories over arrays of load, noise and decay."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.formulas import generalization
from bntheory.learning_curves.arguments import number, numbers
from bntheory.learning_curves.saddle import NotConverged, Problem, SaddlePoint

if TYPE_CHECKING:
    from bntheory.learning_curves.result import LearningCurves

#: What a saddle point has besides the arguments.
DERIVED = ("error", "error_typical", "train_error", "energy", "stable")
SOLVED = ("gamma", "R", "chi", "spread", "replicon", "error_estimate")


@dataclass(frozen=True)
class Theory:
    """A theory of the generalization error.

    ``takes`` are the arguments it has besides the load and the noise; ``error`` is a function of
    load, noise and the ridge (or M), None where it is a saddle point.
    """

    title: str
    source: str
    takes: tuple[str, ...]
    error: Callable[..., Any] | None


PAPER = "Luo et al. 2019"

#: The theories, by the id of the statement that has them.
THEORIES: dict[str, Theory] = {
    "sgd-linear": Theory(
        "linear student without decay", f"{PAPER}, Sec. 4.1", (), generalization.sgd_linear
    ),
    "wn-linear": Theory(
        "linear student with gamma decay",
        f"{PAPER}, Sec. 4.1",
        ("zeta", "ridge"),
        lambda alpha, S, ridge: generalization.wn_linear(alpha, ridge, S),
    ),
    "wn-optimum": Theory(
        "linear student with the best ridge, S",
        f"{PAPER}, Sec. 4.1",
        (),
        lambda alpha, S: generalization.wn_linear(alpha, S, S),
    ),
    "bn-linear": Theory(
        "linear student that has the least expected loss of batches",
        f"beyond {PAPER}",
        ("M",),
        lambda alpha, S, M: generalization.batch_linear(alpha, M, S),
    ),
    "sgd-relu": Theory(
        "ReLU student without decay, by the paper's argument",
        f"{PAPER}, Sec. 4.1 and Eq. (25)",
        (),
        generalization.sgd_relu,
    ),
    "rs-relu": Theory(
        "ReLU student by replica symmetry",
        f"beyond {PAPER}, Prop. 5",
        ("zeta", "ridge"),
        None,
    ),
}


def curves(
    theory: str,
    *,
    alpha: Any,
    S: Any = 0.0,
    zeta: Any = None,
    ridge: Any = None,
    M: Any = None,
    beta: float = math.inf,
    q: float | None = None,
) -> LearningCurves:
    """Compute learning curves over all combinations of the arguments.

    Parameters
    ----------
    theory : str
        ``sgd-linear``, ``wn-linear``, ``wn-optimum``, ``bn-linear``, ``sgd-relu`` or ``rs-relu``.
    alpha : float or 1-D array
        Load P/N; 0 < alpha.
    S : float or 1-D array
        Variance of the teacher's noise; 0 <= S.
    zeta, ridge : float or 1-D array
        For ``wn-linear`` and ``rs-relu``: the decay of the loss as the paper writes it, or the
        ridge that is added to X^T X, alpha zeta; one of the two, 0 by default.
    M : float or 1-D array
        Batch size, for ``bn-linear``; 1 <= M.
    beta, q : float
        For ``rs-relu``, as in :func:`bntheory.learning_curves.saddle_point`.

    Returns
    -------
    LearningCurves
        An ``xarray.Dataset`` with the variable ``error`` over those arguments that are arrays; for
        ``rs-relu`` with all that a :class:`SaddlePoint` has, and ``converged``: a point that is not
        found is nan there, and a warning says so.  ``.plot()`` draws it.

    Raises
    ------
    ValueError
        Naming the argument that is outside its domain, or that the theory does not have.

    Examples
    --------
    >>> run = curves("wn-linear", alpha=[0.5, 1.0, 2.0], S=0.25, ridge=0.25)
    >>> print(run.error.values.round(4))
    [0.6404 0.3904 0.1754]
    """
    if theory not in THEORIES:
        raise ValueError(f"no theory {theory!r}; the theories are {', '.join(THEORIES)}")
    known = THEORIES[theory]
    given = {"alpha": numbers("alpha", alpha), "S": numbers("S", S)}
    more = {"zeta": zeta, "ridge": ridge, "M": M}
    for name, value in more.items():
        if value is None:
            continue
        if name not in known.takes:
            raise ValueError(f"{name} is given, but {theory} has none")
        given[name] = numbers(name, value)
    if {"zeta", "ridge"} <= given.keys():
        raise ValueError("zeta and ridge are given; give one of them, the ridge is alpha zeta")
    if "zeta" in known.takes and not {"zeta", "ridge"} & given.keys():
        given["ridge"] = np.array(0.0)
    if known.takes == ("M",) and "M" not in given:
        raise ValueError(f"{theory} needs the batch size M")
    if known.error is None:
        found = _saddle_points(given, number("beta", beta), q if q is None else number("q", q))
    elif math.isfinite(beta) or q is not None:
        raise ValueError(f"beta and q belong to rs-relu, and {theory} has none")
    else:
        found = {"error": _closed_form(known.error, given)}
    from bntheory.learning_curves.result import labelled

    return labelled(theory, known.title, known.source, given, found)


def _closed_form(error: Callable[..., Any], given: dict[str, np.ndarray]) -> np.ndarray:
    """Evaluate a function of load, noise and a third argument on a grid."""
    grid = np.meshgrid(*given.values(), indexing="ij")
    by_name = dict(zip(given, grid, strict=True))
    alpha, S = by_name.pop("alpha"), by_name.pop("S")
    if "zeta" in by_name:
        by_name = {"ridge": alpha * by_name["zeta"]}
    shape = [len(values) for values in given.values() if values.ndim]
    return np.reshape(error(alpha, S, *by_name.values()), shape)


def _saddle_points(
    given: dict[str, np.ndarray], beta: float, q: float | None
) -> dict[str, np.ndarray]:
    """Solve along the loads, for each noise and decay."""
    names = list(given)
    shape = tuple(values.size for values in given.values())
    found: dict[str, np.ndarray] = {
        name: np.full(shape, math.nan) for name in (*DERIVED[:-1], *SOLVED)
    }
    found["stable"] = np.zeros(shape, dtype=bool)
    found["converged"] = np.zeros(shape, dtype=bool)
    loads = given["alpha"].reshape(-1)
    order = np.argsort(loads)
    for place in product(*(range(size) for size in shape[1:])):
        at = {
            name: float(given[name].reshape(-1)[k])
            for name, k in zip(names[1:], place, strict=True)
        }
        problem = Problem(**at, beta=beta, q=q)
        points = _solved(problem, loads[order])
        known = np.array([point is not None for point in points])
        for name in (*SOLVED, *DERIVED):
            values = [getattr(point, name) for point in points if point is not None]
            found[name][(order[known], *place)] = values
        found["converged"][(order[known], *place)] = True
    kept = [values.size for values in given.values() if values.ndim]
    return {name: values.reshape(kept) for name, values in found.items()}


def _solved(problem: Problem, loads: np.ndarray) -> list[SaddlePoint | None]:
    """Solve at increasing loads; where the way is blocked, at each of them anew."""
    try:
        return list(problem.solve([float(load) for load in loads]))
    except NotConverged:
        points: list[SaddlePoint | None] = []
        for load in loads:
            try:
                points += problem.solve([float(load)])
            except NotConverged as reason:
                warnings.warn(f"nan at alpha = {load:g}: {reason}", RuntimeWarning, stacklevel=4)
                points.append(None)
        return points
