"""Laws: moments against SciPy's, samples against the density, averages against closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import integrate, special, stats

from bntheory.simulation.laws import GAUSSIAN, LAWS, STUDENT, UNIFORM, Law, mixture, student

SAMPLES = 2**18


def drawn(law: Law, seed: int = 7) -> np.ndarray:
    return law.sample(torch.Generator().manual_seed(seed), (SAMPLES,)).numpy()


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("gaussian", stats.norm()),
        ("exponential", stats.expon()),
        ("uniform", stats.uniform()),
        ("student", stats.t(10)),
    ],
)
def test_moments_are_those_of_scipy(name: str, theirs: stats.rv_continuous) -> None:
    law = LAWS[name]
    mean, variance, skewness, kurtosis = map(float, theirs.stats("mvsk"))
    ours = (law.mean, law.std**2, law.skewness, law.kurtosis)
    assert ours == pytest.approx((mean, variance, skewness, kurtosis), abs=1e-12)


def test_moments_of_a_mixture() -> None:
    weight, mean, std = 0.25, 3.0, 0.5
    raw = [1.0]
    for order in range(1, 5):  # moments add up by weight, and those of N(m, s^2) are SciPy's
        other = stats.norm(mean, std).moment(order)
        raw.append((1 - weight) * stats.norm().moment(order) + weight * other)
    center = raw[1]
    central = [
        sum(special.comb(n, k) * raw[k] * (-center) ** (n - k) for k in range(n + 1))
        for n in range(5)
    ]
    law = LAWS["mixture"]
    assert (law.mean, law.std**2) == pytest.approx((center, central[2]), abs=1e-12)
    assert law.skewness == pytest.approx(central[3] / central[2] ** 1.5, abs=1e-12)
    assert law.kurtosis == pytest.approx(central[4] / central[2] ** 2 - 3, abs=1e-12)
    assert law.skewness > 0.3


def test_moments_of_a_rectified_gaussian() -> None:
    law = LAWS["relu_gaussian"]
    raw = [1.0, *(0.5 * stats.halfnorm().moment(order) for order in range(1, 5))]
    variance = raw[2] - raw[1] ** 2
    third = raw[3] - 3 * raw[1] * raw[2] + 2 * raw[1] ** 3
    assert law.mean == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-13)
    assert law.std**2 == pytest.approx(0.5 - 0.5 / math.pi, abs=1e-13)
    assert law.skewness == pytest.approx(third / variance**1.5, abs=1e-11)


@pytest.mark.parametrize("name", LAWS)
def test_samples_follow_the_density(name: str) -> None:
    law = LAWS[name]
    h = drawn(law)
    for low in np.quantile(h, [0.0, 0.02, 0.3, 0.6, 0.95]):
        mass, _ = integrate.quad(law.density, max(low, law.support[0]), law.support[-1], limit=200)
        mass += sum(weight for value, weight in law.atoms if value >= low)
        error = math.sqrt(max(mass * (1 - mass), 1e-12) / SAMPLES)
        assert abs((h >= low).mean() - mass) < 4.5 * error + 1e-9


@pytest.mark.parametrize("name", LAWS)
def test_averages_are_those_of_samples(name: str) -> None:
    law = LAWS[name]
    z = (drawn(law) - law.mean) / law.std
    functions = (
        lambda z: z, np.square, lambda z: z**3, lambda z: np.maximum(z - 0.37, 0),
        lambda z: z > 0.37, lambda z: np.logaddexp(0, 2 * z), lambda z: np.cos(3 * z),
    )  # fmt: skip
    for f in functions:
        values = f(z)
        error = values.std() / math.sqrt(SAMPLES)
        assert abs(values.mean() - law.average(f)) < 4.5 * error


@pytest.mark.parametrize("corner", [-1.7, 0.37, 2.5])
def test_kinks_and_jumps_cost_no_digits(corner: float) -> None:
    tail, peak = stats.norm.sf(corner), stats.norm.pdf(corner)
    assert GAUSSIAN.average(lambda z: z > corner) == pytest.approx(tail, abs=1e-12)
    kink = GAUSSIAN.average(lambda z: np.maximum(z - corner, 0))
    assert kink == pytest.approx(peak - corner * tail, abs=1e-12)


def test_the_eighth_moment_exists_for_all_laws_and_the_tenth_not_for_student() -> None:
    assert GAUSSIAN.average(lambda z: z**8) == pytest.approx(105, rel=1e-12)
    assert UNIFORM.average(lambda z: z**8) == pytest.approx(9, rel=1e-12)
    assert STUDENT.average(lambda z: z**8) == pytest.approx(1120, rel=1e-10)
    with pytest.raises(ArithmeticError, match="may not exist"):
        STUDENT.average(lambda z: z**10)


def test_higher_moments_are_given_where_they_have_a_variance() -> None:
    assert GAUSSIAN.higher == pytest.approx((0, 15), abs=1e-11)
    assert LAWS["exponential"].higher == pytest.approx((44, 265), rel=1e-11)
    assert STUDENT.higher is None


def test_a_law_of_ones_own() -> None:
    def draw(
        generator: torch.Generator, shape: tuple[int, ...], dtype: torch.dtype
    ) -> torch.Tensor:
        return torch.rand(shape, generator=generator, dtype=dtype).sqrt_()

    law = Law("triangle", "largest of two uniform values", draw, lambda h: 2 * h, (0.0, 1.0))
    assert (law.mean, law.std**2) == pytest.approx((2 / 3, 1 / 18))
    h = drawn(law)
    assert abs(h.mean() - law.mean) < 4 * law.std / math.sqrt(SAMPLES)
    with pytest.raises(ValueError, match="triangle add up to 0.5"):
        replace(law, density=lambda h: h).average(np.square)


def test_parameters_of_families() -> None:
    assert student(6).kurtosis == pytest.approx(3.0, abs=1e-9)
    assert mixture(0.5, 0.0, 1.0).kurtosis == pytest.approx(0.0, abs=1e-12)


def test_type_shape_and_device() -> None:
    for law in LAWS.values():
        h = law.sample(torch.Generator().manual_seed(1), (3, 5), torch.float32)
        assert h.shape == (3, 5) and h.dtype == torch.float32 and h.device.type == "cpu"
        assert law.sample(torch.Generator().manual_seed(1), (2,)).dtype == torch.float64
