"""The generated functions and the points of their domain at which the tests call them."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from bntheory import testing
from bntheory.formula import Formula
from bntheory.formulas import erf, leaky_relu, linear, relu

MODULES = {"relu": relu, "linear": linear, "leaky_relu": leaky_relu, "erf": erf}
ALL = [(module, name) for module, here in MODULES.items() for name in here.__all__]
IDS = [f"{module}.{name}" for module, name in ALL]

#: For what is slow: a quarter of the profile's examples.
FEW = settings(max_examples=settings().max_examples // 4)

#: 1 - R, but for the last digits before 2, where forms for R -> 1 have half of theirs.
GAPS = st.one_of(testing.misalignments(), st.floats(0.0, 1.999), st.just(2.0))
#: Where a function is defined, by the name of its argument.
STRATEGIES: dict[str, st.SearchStrategy[float]] = {
    "gamma": testing.scales(),
    "R": testing.overlaps(),
    "L": testing.lengths(),
    "L0": testing.lengths(),
    "eta": testing.learning_rates(),
    "zeta": testing.decays(),
    "misalignment": GAPS,
    "slope": testing.slopes(),
}
#: Ends and corners of the domain, by the name of an argument.
EDGES: dict[str, tuple[float, ...]] = {
    "gamma": (1e-3, 0.5, 1.0, 3.0),
    "R": (-1.0, -1 + 1e-14, -0.5, 0.0, 0.5, 1 - 1e-14, 1.0),
    "L": (0.1, 1.0, 10.0),
    "L0": (0.1, 1.0, 10.0),
    "eta": (0.0, 1e-4, 1.0),
    "zeta": (0.0, 1e-6, 10.0),
    "misalignment": (0.0, 1e-300, 1e-14, 1 / 128, 0.01, 0.5, 0.51, 1.0, 1.5, 2 - 1e-14, 2.0),
    "slope": (0.0, 0.3, 1.0, 2.0),
}
#: Values outside the domain.
OUTSIDE: dict[str, tuple[float, ...]] = {
    "gamma": (0.0, -0.5, -np.inf),
    "R": (1 + 1e-15, -1 - 1e-15, 2.0, -np.inf),
    "L": (0.0, -1.0),
    "L0": (0.0, -1.0),
    "eta": (-1e-300, -1.0),
    "zeta": (-1e-300, -0.1),
    "misalignment": (-1e-300, 2.5, np.inf),
    "slope": (-1e-300, -0.3),
}


def member(module: str, name: str) -> Formula:
    """Return a generated function."""
    found: Formula = getattr(MODULES[module], name)
    return found


def arguments(function: Formula) -> list[str]:
    """Return the names of a function's arguments."""
    return list(signature(function).parameters)


def points(function: Formula) -> st.SearchStrategy[tuple[float, ...]]:
    """Draw the arguments of a function from its domain."""
    return st.tuples(*(STRATEGIES[name] for name in arguments(function)))


def flat(result: Any) -> Iterator[Any]:
    """Yield the entries of nested tuples."""
    if isinstance(result, tuple):
        for entry in result:
            yield from flat(entry)
    else:
        yield result


def values(result: Any) -> np.ndarray:
    """Return a result at one point as a flat array."""
    return np.array([float(entry) for entry in flat(result)])


def corners(function: Formula) -> list[np.ndarray]:
    """Return the ends of the domain in all combinations, one array for each argument."""
    grid = np.meshgrid(*(EDGES[name] for name in arguments(function)))
    return [axis.ravel() for axis in grid]
