"""Functions made at run time are those that would be generated."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from bntheory.activations import LEAKY_RELU, RELU, find
from bntheory.calculus.gaussian import NoClosedForm
from bntheory.codegen.compile import compiled
from bntheory.formulas import leaky_relu, relu

POINT = {"gamma": 0.7, "misalignment": 1e-3, "L": 1.2, "eta": 0.4, "zeta": 0.3, "slope": 0.1}


@pytest.mark.parametrize(("activation", "module"), [(RELU, relu), (LEAKY_RELU, leaky_relu)])
def test_the_same_as_generated(activation: object, module: object) -> None:
    functions = compiled(activation)
    assert set(functions) == {name for name in module.__all__ if name.endswith("_aligned")}
    for name, made in functions.items():
        known = getattr(module, name)
        here = [POINT[argument] for argument in made.__signature__.parameters]
        assert str(made.__signature__) == str(known.__signature__)
        assert made.source == known.source
        assert np.array_equal(np.array(made(*here)), np.array(known(*here)))
        assert made.math(*here) == known.math(*here)
        with mp.workdps(30):
            assert made.mp(*here) == known.mp(*here)


def test_made_once() -> None:
    assert compiled(find("max(x, 0)")) is compiled(RELU)
    functions = compiled(RELU)
    assert functions["bn_rates_aligned"].math is functions["bn_rates_aligned"].math


def test_out_of_reach() -> None:
    with pytest.raises(NoClosedForm):
        compiled(find("tanh"))
