"""I1, I2, I3 and the error against the network itself, and Stein's lemma by quadrature.

Monte Carlo with explicit vectors of N = 200 components; every comparison has an error bar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from network import NAMES, G, Weights, inputs, value, z_score

from bntheory.activations import Activation, X
from bntheory.notation import SYMBOLS
from derivations.model import signal

N, SAMPLES = 200, 200_000
OVERLAPS = (-0.6, 0.35, 0.93)
SCALES = (0.6, 1.4)
LIMIT = 4.5  # standard errors


@dataclass(frozen=True)
class Sample:
    """What a network sees of a sample of inputs: fields at gamma = 1, and lengths of x."""

    u: np.ndarray
    v: np.ndarray
    in_plane: np.ndarray  # N |x|^2 in the plane of w and w*
    total: np.ndarray  # |x|^2


@pytest.fixture(scope="module")
def samples() -> dict[float, Sample]:
    students = {R: Weights.draw(N, 1.0, R, L=0.8, seed=5) for R in OVERLAPS}
    parts: dict[float, list[np.ndarray]] = {R: [] for R in OVERLAPS}
    for x in inputs(N, SAMPLES):
        for R, weights in students.items():
            plane, _ = np.linalg.qr(np.column_stack([weights.w, weights.w_star]))
            across = N * ((x @ plane) ** 2).sum(axis=1)
            parts[R].append(np.array([*weights.fields(x), across, (x**2).sum(axis=1)]))
    return {R: Sample(*np.concatenate(rows, axis=1)) for R, rows in parts.items()}


@pytest.mark.parametrize("gamma", SCALES)
@pytest.mark.parametrize("R", OVERLAPS)
@pytest.mark.parametrize("activation", NAMES)
def test_integrals_are_those_of_the_network(
    derived: Callable[..., Any],
    samples: dict[float, Sample],
    activation: str,
    R: float,
    gamma: float,
) -> None:
    seen = samples[R]
    g, slope = G[activation]
    u, v = gamma * seen.u, seen.v
    delta = slope(u) * (g(v) - g(u))

    def predicted(id: str, name: str) -> float:
        return value(derived(id, activation)[name], gamma=gamma, R=R)

    assert abs(z_score(delta * u, predicted("eq13", "I1"))) < LIMIT
    assert abs(z_score(delta * v, predicted("eq14", "I3"))) < LIMIT
    error = (g(v) - g(u)) ** 2 / 2
    assert abs(z_score(error, predicted("online-error", "online_error"))) < LIMIT

    i2 = predicted("eq15", "I2")
    assert abs(z_score(delta**2, i2)) < LIMIT
    # at finite N, x.x in E[delta^2 x.x] is 1 up to what the plane of w and w* adds
    excess = (seen.in_plane - 2) / N
    assert abs(z_score(delta**2 * (seen.total - excess), i2)) < LIMIT
    assert abs(excess.mean()) < 0.01


def test_the_sample_is_large_enough_to_tell(samples: dict[float, Sample]) -> None:
    """An error of 5 percent would stand out by more than the limit."""
    seen = samples[0.35]
    assert abs(z_score(seen.u * seen.v, 1.05 * 0.35 + 0.02)) > LIMIT
    assert abs(z_score(seen.u**2, 1.05)) > LIMIT


# -- Stein's lemma for an activation without closed forms ----------------------------------------


def over_fields(f: Callable[..., np.ndarray], gamma: float, R: float) -> float:
    """Return E[f(u, v)] by the trapezoidal rule, spectral for an analytic f."""
    line = np.arange(-10, 10, 0.04)
    p, z = np.meshgrid(line, line, indexing="ij")
    density = np.exp(-(p**2 + z**2) / 2) / (2 * np.pi)
    heights = f(gamma * p, R * p + np.sqrt(1 - R * R) * z)
    return float((heights * density).sum() * 0.04**2)


@pytest.mark.parametrize("gamma", [0.5, 1.2])
@pytest.mark.parametrize("R", [-0.7, 0.2, 0.9])
def test_steins_lemma_for_tanh(derived: Callable[..., Any], gamma: float, R: float) -> None:
    """gamma I3 - R I1 = gamma (1 - R^2) E[g'(u) g'(v)], both sides by quadrature.

    The step of Prop. 1 that says so holds for every activation; tanh has no closed form.
    """
    import sympy as sp

    u, v = SYMBOLS["u"], SYMBOLS["v"]
    (step,) = (s for s in derived("prop1", "relu").steps if "Stein" in s.title)
    tanh = Activation("tanh", sp.tanh(X))
    delta = sp.lambdify((u, v), signal(tanh), "numpy")
    i1 = over_fields(lambda a, b: delta(a, b) * a, gamma, R)
    i3 = over_fields(lambda a, b: delta(a, b) * b, gamma, R)

    _, slope = G["tanh"]
    prime = SYMBOLS["g_prime"]
    named = step.after.xreplace({prime(u): sp.Symbol("a"), prime(v): sp.Symbol("b")})
    law = named.subs({SYMBOLS["gamma"]: gamma, SYMBOLS["R"]: R})
    mean = sp.lambdify(sp.symbols("a b"), law, "numpy")
    right = over_fields(lambda a, b: mean(slope(a), slope(b)), gamma, R)

    assert gamma * i3 - R * i1 == pytest.approx(right, rel=1e-9)
    alignment = over_fields(lambda a, b: slope(a) * slope(b), gamma, R)
    assert right == pytest.approx(gamma * (1 - R * R) * alignment, rel=1e-9)
    assert right > 0.01


@pytest.mark.parametrize("R", [-0.7, 0.2, 0.9])
@pytest.mark.parametrize("activation", NAMES)
def test_alignment(
    derived: Callable[..., Any],
    samples: dict[float, Sample],
    activation: str,
    R: float,
) -> None:
    """E[g'(u) g'(v)] against a sample with that correlation."""
    _, slope = G[activation]
    rng = np.random.default_rng(8)
    p, z = rng.standard_normal((2, SAMPLES))
    heights = slope(1.3 * p) * slope(R * p + np.sqrt(1 - R * R) * z)
    wanted = value(derived("prop1", activation)["alignment"], gamma=1.3, R=R)
    if activation == "linear":
        assert wanted == 1 == heights.mean()
    else:
        assert abs(z_score(heights, wanted)) < LIMIT
