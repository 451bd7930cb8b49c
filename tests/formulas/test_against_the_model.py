"""Every formula against its definition: averages by quadrature, rates from steps of vectors.

The oracle is :mod:`oracle`: the definitions of I1, I2, I3 and the error, the change of explicit
vectors in one step (5), its finite differences for Jacobians, and the point where it rests.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from members import ALL, FEW, GAPS, MODULES, arguments, member, values
from oracle import Model
from truth import RANGES, tolerance, truth

from bntheory import testing

AT_REST = ("fixed_point", "eta_", "lambda_")
#: The whole domain, as far as the model's own quadrature is good.
STATES = {"gamma": st.floats(0.05, 2.0), "R": testing.overlaps(), "L": st.floats(0.6, 2.0),
          "eta": st.floats(0.0, 1.2), "zeta": st.floats(0.0, 2.0),
          "misalignment": GAPS, "slope": st.floats(0.0, 2.0)}


def some(*parts: str, without: bool = False) -> pytest.MarkDecorator:
    """Parametrize over the functions whose name has one of some parts, or over all others."""
    chosen = [(m, n) for m, n in ALL if any(part in n for part in parts) != without]
    return pytest.mark.parametrize(("module", "name"), chosen, ids=[f"{m}.{n}" for m, n in chosen])


def agree(module: str, name: str, point: dict[str, float]) -> None:
    """Assert that a formula and the model agree at a point."""
    expected = truth(module, name, point)
    found = values(member(module, name)(**point))
    assert found.shape == expected.shape
    room = tolerance(name) * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=room)


@some("jacobian", *AT_REST, without=True)
@given(data=st.data())
def test_integrals_errors_and_rates(module: str, name: str, data: st.DataObject) -> None:
    names = arguments(member(module, name))
    agree(module, name, {argument: data.draw(STATES[argument]) for argument in names})


@some("jacobian")
@FEW
@given(data=st.data())
def test_jacobians(module: str, name: str, data: st.DataObject) -> None:
    """Finite differences of the model's rates, across the branches of the formula."""
    names = arguments(member(module, name))
    point = {argument: data.draw(st.floats(*RANGES[argument])) for argument in names}
    point["misalignment"] = data.draw(
        st.one_of(st.floats(*RANGES["misalignment"]), st.floats(0.005, 0.02))
    )
    agree(module, name, point)


@some(*AT_REST)
@FEW
@given(data=st.data())
def test_the_fixed_point_and_its_stability(module: str, name: str, data: st.DataObject) -> None:
    """Where the model rests, and how its rates grow from there."""
    names = arguments(member(module, name))
    agree(module, name, {argument: data.draw(st.floats(*RANGES[argument])) for argument in names})


@pytest.mark.parametrize("module", [m for m in MODULES if m != "erf"])
def test_without_decay_the_fixed_point_is_that_of_weight_normalization(module: str) -> None:
    slope = (0.3,) if module == "leaky_relu" else ()
    found = {name: member(module, name) for name in MODULES[module].__all__}
    assert found["bn_fixed_point"](0.0, *slope) == pytest.approx(1.0, rel=1e-15)
    assert found["bn_eta_max"](0.0, *slope) == pytest.approx(found["wn_eta_max"](*slope), rel=1e-15)
    at_rest = found["bn_eta_eff"](0.7, 0.0, 1.3, *slope)
    assert at_rest == pytest.approx(found["wn_eta_eff"](0.7, 1.3, *slope), rel=1e-15)
    assert found["sgd_eta_max"](*slope) == found["wn_eta_max"](*slope)


@pytest.mark.parametrize("module", MODULES)
def test_the_oracle_itself(module: str) -> None:
    """Its quadrature knows the Gaussian's moments, and its vectors the rates of Eq. (10)."""
    gamma, R, L, eta, zeta = 0.7, -0.4, 1.2, 0.5, 0.3
    model = Model.at(module, R, 0.3)
    moments = {lambda u, v: u * u: gamma**2, lambda u, v: u * v: gamma * R,
               lambda u, v: v**4: 3.0, lambda u, v: u**2 * v**2: gamma**2 * (1 + 2 * R**2),
               lambda u, v: abs(v): np.sqrt(2 / np.pi)}
    for function, expected in moments.items():
        assert model.mean(function, gamma) == pytest.approx(expected, rel=1e-12)
    i1, i2, i3 = model.I1(gamma), model.I2(gamma), model.I3(gamma)
    expected = (
        eta * i1 / gamma - eta * zeta * gamma,
        eta * gamma / L**2 * i3 - eta * R / L**2 * i1 - eta**2 * gamma**2 * R / (2 * L**4) * i2,
        eta**2 * gamma**2 / (2 * L**3) * i2,
    )
    np.testing.assert_allclose(model.bn_rates(gamma, L, eta, zeta), expected, rtol=1e-10)
