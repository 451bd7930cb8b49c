"""The strategies stay in their domains; the properties hold for the formulas and catch errors."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bntheory import testing
from bntheory.calculus.quadrature import integrals
from bntheory.formulas import leaky_relu, linear, relu

FORMULAS = [relu, linear]


def at_slope(slope: float) -> Any:
    """The leaky ReLU formulas at one slope, as a variant."""

    def fix(name: str) -> Any:
        return lambda *args: getattr(leaky_relu, name)(*args, slope)

    return types.SimpleNamespace(**{name: fix(name) for name in leaky_relu.__all__})


def changed(**functions: Any) -> Any:
    """ReLU's formulas with some of them replaced."""
    return types.SimpleNamespace(**{**vars(relu), **functions})


@given(testing.order_parameters(), testing.learning_rates(), testing.decays())
def test_strategies_stay_in_the_domain(
    state: tuple[float, float, float], eta: float, zeta: float
) -> None:
    """Inside the domain no formula is nan."""
    rates = relu.bn_rates(*state, eta, zeta)
    assert np.all(np.isfinite(rates))


@given(testing.batch_sizes(), testing.misalignments(), testing.slopes())
def test_ranges(M: int, misalignment: float, slope: float) -> None:
    assert 2 <= M <= 4096
    assert 0 < misalignment <= 1
    assert 0 <= slope <= 1


@given(testing.activations())
def test_activations_are_continuous(activation: Any) -> None:
    """Both sides of the kink meet, seen by plain numbers."""
    left, right = (float(activation(value)) for value in (-1e-9, 1e-9))
    assert abs(left - right) < 1e-7


@pytest.mark.parametrize("variant", FORMULAS, ids=lambda module: module.__name__)
@given(eta=testing.learning_rates(), zeta=testing.decays(), L0=testing.lengths())
def test_the_propositions_hold(variant: Any, eta: float, zeta: float, L0: float) -> None:
    testing.check_proposition_1(variant, zeta, L0)
    testing.check_proposition_2(variant, eta, zeta, L0)
    testing.check_proposition_3(variant, eta, zeta, L0)
    testing.check_proposition_4(variant, zeta)


@given(slope=testing.slopes(), eta=testing.learning_rates(), zeta=testing.decays())
def test_the_propositions_hold_for_leaky_relu(slope: float, eta: float, zeta: float) -> None:
    variant = at_slope(slope)
    testing.check_proposition_1(variant, zeta)
    testing.check_proposition_2(variant, eta, zeta)
    testing.check_proposition_3(variant, eta, zeta)
    testing.check_proposition_4(variant, zeta)


@given(slope=st.floats(1.01, 3.0), zeta=st.floats(0.01, 1.0))
def test_the_bound_of_proposition_4_needs_a_slope_below_1(slope: float, zeta: float) -> None:
    """The gain is 4 zeta / (1 + slope^4): the printed bound, stated for ReLU, stops at slope 1."""
    with pytest.raises(AssertionError, match="Proposition 4 at"):
        testing.check_proposition_4(at_slope(slope), zeta)


@pytest.mark.parametrize(
    ("proposition", "error"),
    [
        (1, {"bn_fixed_point": lambda zeta: 1 / (1 + zeta)}),
        (1, {"bn_rates": lambda *a: tuple(r + 1e-6 for r in relu.bn_rates(*a))}),
        (2, {"bn_lambda_gamma": lambda eta, zeta: -(zeta + 0.5)}),
        (2, {"bn_lambda_R": lambda *a: 1.05 * relu.bn_lambda_R(*a)}),
        (2, {"I2": lambda gamma, R: relu.I2(gamma, R) + (1 - R) / 4 + 0.1}),
        (3, {"bn_lambda_gamma": lambda eta, zeta: eta * (zeta + 0.5)}),
        (3, {"bn_eta_max": lambda zeta: 2 + 2 * zeta}),
        (3, {"bn_eta_eff": lambda eta, zeta, L0: eta / L0}),
        (4, {"bn_eta_max": lambda zeta: 2 + 1.9 * zeta}),
        (4, {"wn_eta_max": lambda: 2.5}),
    ],
)
def test_planted_errors_are_caught(proposition: int, error: dict[str, Any]) -> None:
    variant = changed(**error)
    zeta = 0.2
    with pytest.raises(AssertionError, match=f"Proposition {proposition} at zeta|at eta") as caught:
        for eta, L0 in ((0.1, 1.0), (3.0, 1.05), (2.5, 1.1), (2.9, 0.9), (3.8, 1.2)):
            match proposition:
                case 1:
                    testing.check_proposition_1(variant, zeta, L0)
                case 2:
                    testing.check_proposition_2(variant, eta, zeta, L0)
                case 3:
                    testing.check_proposition_3(variant, eta, zeta, L0)
                case _:
                    testing.check_proposition_4(variant, zeta)
    assert "\n" not in str(caught.value)


@given(R=testing.overlaps(), gamma=st.floats(0.1, 3.0))
def test_the_integrals_by_quadrature(R: float, gamma: float) -> None:
    """The quadrature, for a plain Python function, against the generated closed form."""

    def hinge(z: np.ndarray) -> np.ndarray:
        return np.maximum(z, 0.0)

    found = integrals(hinge, gamma, R, derivative=lambda z: (z > 0) * 1.0)
    for name in ("I1", "I2", "I3"):
        exact = getattr(relu, name)(gamma, R)
        assert abs(getattr(found, name).value - exact) < 1e-12 * max(1.0, gamma**2)
