"""Activation functions as torch and numba have them, against SymPy's own values."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
import torch

from bntheory.activations import X
from bntheory.simulation.functions import chosen, for_numba, for_torch

FUNCTIONS = [
    *("relu", "linear", "erf", "tanh", "x**2", "abs(x)", "max(x, 0)**2", "x/(1 + exp(-x))"),
    *("log(1 + exp(x))", "atan(x)", "sin(x)", "sigmoid", "erfc(x)", "sinh(x)", "pi*x + sqrt(2)"),
]


@pytest.mark.parametrize("name", [*FUNCTIONS, "leaky_relu"])
def test_values_and_slopes(name: str) -> None:
    activation = chosen(name, 0.2 if name == "leaky_relu" else None)
    points = torch.tensor([-3.0, -1.25, -0.5, 0.25, 1.0, 2.5], dtype=torch.float64)
    pairs = zip(for_torch(activation), for_numba(activation), strict=True)
    exprs = activation.expr, sp.diff(activation.expr, X)
    for (of_tensors, compiled), expr in zip(pairs, exprs, strict=True):
        wanted = [float(expr.subs(X, sp.Rational(point))) for point in points.tolist()]
        np.testing.assert_allclose(of_tensors(points), wanted, rtol=1e-13, atol=1e-15)
        found = [compiled(x) for x in points.tolist()]
        np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-15)
        assert of_tensors(points.float()).dtype == torch.float32


def test_at_its_kink_relu_has_the_slope_of_torch() -> None:
    activation = chosen("relu", None)
    assert for_torch(activation)[1](torch.zeros(1)) == for_numba(activation)[1](0.0) == 0


@pytest.mark.parametrize(
    ("name", "slope", "said"),
    [
        ("leaky_relu", None, "leaky_relu needs its slope"),
        ("relu", 0.1, r"slope = 0.1, but relu has no slope"),
        ("rleu", None, "no activation 'rleu'"),
    ],
)
def test_what_is_refused(name: str, slope: float | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        chosen(name, slope)
