"""Relations that hold between formulas, whatever their closed forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from members import ALL, MODULES, arguments, member, points, values

from bntheory import testing
from bntheory.formulas import leaky_relu, linear, relu

ODD = ("linear", "erf")
HOMOGENEOUS = ("relu", "linear", "leaky_relu")
scales, overlaps = st.floats(0.05, 3.0), testing.overlaps()
each_module = pytest.mark.parametrize("module", MODULES)


def of(module: str, name: str) -> Callable[..., Any]:
    """Return a function of its first arguments; leaky ReLU has the slope 0.3."""
    function = member(module, name)
    return (lambda *args: function(*args, 0.3)) if module == "leaky_relu" else function


@pytest.mark.parametrize("module", ODD)
@given(gamma=scales, R=overlaps)
def test_odd_activations_under_exchange_of_the_teachers_sign(
    module: str, gamma: float, R: float
) -> None:
    """v -> -v turns R into -R and g(v) into -g(v): what has g(v) in it cancels in the mean."""
    i1, i3, error = (of(module, name) for name in ("I1", "I3", "online_error"))
    rounding = 1e-14 * (1 + gamma) ** 2 * (1 + 1 / gamma)
    assert i1(gamma, R) + i1(gamma, -R) == pytest.approx(2 * i1(gamma, 0.0), abs=rounding)
    assert error(gamma, R) + error(gamma, -R) == pytest.approx(2 * error(gamma, 0.0), abs=rounding)
    assert i3(gamma, R) - i3(gamma, -R) == pytest.approx(
        2 * R / gamma * i1(gamma, 0.0), abs=rounding
    )


@pytest.mark.parametrize("module", HOMOGENEOUS)
@given(gamma=scales, factor=st.floats(0.1, 10.0), R=overlaps)
def test_homogeneous_activations_under_scaling(
    module: str, gamma: float, factor: float, R: float
) -> None:
    """g(c u) = c g(u): I1 is c times itself but for a term without R, and the error follows."""
    i1, i3, error = (of(module, name) for name in ("I1", "I3", "online_error"))
    scaled, rounding = factor * gamma, 1e-13 * (1 + gamma + factor * gamma) ** 2
    assert i1(scaled, R) - factor * i1(gamma, R) == pytest.approx(
        i1(scaled, 1.0) - factor * i1(gamma, 1.0), abs=rounding
    )
    unit = i1(0.5, 1.0) / 0.25  # E[g(u)^2] / gamma^2
    assert i3(scaled, R) - i3(gamma, R) == pytest.approx(unit * (gamma - scaled) * R, abs=rounding)
    assert error(gamma, R) == pytest.approx(unit * (1 - gamma**2) / 2 - i1(gamma, R), abs=rounding)


@pytest.mark.parametrize("module", HOMOGENEOUS)
@given(gamma=scales, R=overlaps)
def test_the_noise_of_homogeneous_activations_is_quadratic_in_gamma(
    module: str, gamma: float, R: float
) -> None:
    """So its third difference vanishes."""
    i2 = of(module, "I2")
    third = i2(4 * gamma, R) - 3 * i2(3 * gamma, R) + 3 * i2(2 * gamma, R) - i2(gamma, R)
    assert third == pytest.approx(0.0, abs=1e-13 * (1 + gamma) ** 2)


@each_module
@given(gamma=scales, R=overlaps)
def test_what_cannot_be_negative(module: str, gamma: float, R: float) -> None:
    """I2 and the error are means of squares; gamma I3 - R I1 = gamma (1 - R^2) E[g'(u) g'(v)]."""
    i1, i2, i3, error = (of(module, n)(gamma, R) for n in ("I1", "I2", "I3", "online_error"))
    rounding = 1e-14 * (1 + gamma) ** 2
    assert i2 >= -rounding and error >= -rounding
    drift = gamma * i3 - R * i1
    assert drift >= -rounding
    assert drift <= gamma * (1 - R * R) + rounding  # |g'| <= 1
    assert i1**2 <= i2 * gamma**2 + rounding and i3**2 <= i2 + rounding  # Cauchy-Schwarz


@each_module
def test_a_perfect_student_has_nothing_to_learn(module: str) -> None:
    for name in ("I1", "I2", "I3", "online_error"):
        assert of(module, name)(1.0, 1.0) == pytest.approx(0.0, abs=1e-15)
    for rates, state in (("wn_rates", (1.0, 1.0, 1.3, 0.7)), ("sgd_rates", (1.0, 1.0, 0.7)),
                         ("bn_rates_aligned", (1.0, 0.0, 1.3, 0.7, 0.0)),
                         ("sgd_rates_aligned", (0.0, 1.0, 0.7))):
        np.testing.assert_allclose(values(of(module, rates)(*state)), 0.0, atol=1e-15)


@each_module
@given(data=st.data())
def test_rates_are_made_of_the_integrals(module: str, data: st.DataObject) -> None:
    """Eq. (10), and the rates of plain SGD, from the generated I1, I2 and I3."""
    gamma, R, L = data.draw(st.floats(0.1, 3)), data.draw(overlaps), data.draw(st.floats(0.3, 3))
    eta, zeta = data.draw(st.floats(0.0, 2.0)), data.draw(st.floats(0.0, 2.0))
    i1, i2, i3 = (of(module, name)(gamma, R) for name in ("I1", "I2", "I3"))
    noise = eta**2 * gamma**2 * i2 / (2 * L**3)
    expected = (eta * i1 / gamma - eta * zeta * gamma,
                eta * (gamma * i3 - R * i1) / L**2 - R * noise / L, noise)
    room = 1e-12 * (1 + eta) ** 2 * (1 + gamma) ** 4 * (1 + 1 / L**4)
    np.testing.assert_allclose(of(module, "bn_rates")(gamma, R, L, eta, zeta), expected, atol=room)
    np.testing.assert_allclose(
        of(module, "wn_rates")(gamma, R, L, eta), of(module, "bn_rates")(gamma, R, L, eta, 0.0),
        rtol=1e-12, atol=1e-2 * room,
    )
    i1, i2, i3 = (of(module, name)(L, R) for name in ("I1", "I2", "I3"))
    plain = (eta * (L * i3 - R * i1) / L**2 - R * eta**2 * i2 / (2 * L**2),
             eta * i1 / L + eta**2 * i2 / (2 * L))
    np.testing.assert_allclose(of(module, "sgd_rates")(R, L, eta), plain, rtol=1e-12, atol=room)


@each_module
@given(data=st.data(), factor=st.floats(0.5, 2.0))
def test_the_length_of_the_weights_only_sets_the_pace(
    module: str, data: st.DataObject, factor: float
) -> None:
    """L -> c L with eta -> c^2 eta leaves dR/dt alone, multiplies dL/dt by c, dgamma/dt by c^2."""
    state = data.draw(st.tuples(*(st.floats(0.3, 2) for _ in range(4))))
    R = data.draw(overlaps)
    gamma, L, eta, zeta = state
    before = values(of(module, "bn_rates")(gamma, R, L, eta, zeta))
    after = values(of(module, "bn_rates")(gamma, R, factor * L, factor**2 * eta, zeta))
    size = 1e-12 * max(1.0, np.abs(before).max())
    np.testing.assert_allclose(after, before * [factor**2, 1, factor], rtol=1e-11, atol=size)


@pytest.mark.parametrize(("module", "name"), [a for a in ALL if a[1].endswith("rates_aligned")])
@given(data=st.data())
def test_the_same_rates_in_either_variable(module: str, name: str, data: st.DataObject) -> None:
    function, namesake = member(module, name), member(module, name.removesuffix("_aligned"))
    here = dict(zip(arguments(function), data.draw(points(function)), strict=True))
    there = {("R" if key == "misalignment" else key): 1 - value if key == "misalignment" else value
             for key, value in here.items()}
    assume(1 - there["R"] == here["misalignment"])  # no rounding in between
    turn = [1, -1, 1][-len(function(**here)) :]
    found, expected = values(function(**here)), values(namesake(**there)) * turn
    gamma = here.get("gamma", here["L"])
    room = (1 + gamma) ** 4 * here["eta"] * (1 + here["eta"]) * (1 + here["L"] ** -4) / gamma
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14 * room)


@pytest.mark.parametrize(("slope", "other"), [(0.0, relu), (1.0, linear)])
@pytest.mark.parametrize("name", leaky_relu.__all__)
@given(data=st.data())
def test_leaky_relu_joins_relu_and_linear(
    name: str, slope: float, other: Any, data: st.DataObject
) -> None:
    function = getattr(other, name)
    here = data.draw(points(function))
    found, expected = values(getattr(leaky_relu, name)(*here, slope)), values(function(*here))
    size = np.abs(expected).max() + (1 + max(here, default=1.0)) ** 2
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13 * size)


@pytest.mark.parametrize("module", ["linear", "relu"])
@given(zeta=testing.decays(), eta=st.floats(0.01, 3.0), L0=st.floats(0.5, 2.0))
def test_the_propositions_hold(module: str, zeta: float, eta: float, L0: float) -> None:
    """As properties of the whole module; leaky ReLU and erf have them in the model's tests."""
    variant = MODULES[module]
    testing.check_proposition_1(variant, zeta, L0)
    testing.check_proposition_2(variant, eta, zeta, L0, tolerance=1e-3)
    testing.check_proposition_3(variant, eta, zeta, L0)
    testing.check_proposition_4(variant, zeta)
