"""Each coefficient against the whole Hessian of each sample, and against its stated error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from small import (
    Residual,
    at_population,
    build,
    convolutional,
    in_batches,
    inputs_in_training,
    mlp,
    samples,
    squared_error,
)
from torch import Tensor, nn
from torch.autograd.functional import hessian, jacobian

from bntheory.nn import gamma_decay

MODELS: list[tuple[Any, tuple[int, ...]]] = [
    (mlp, (12, 3)),
    (convolutional, (6, 1, 4, 4)),
    (Residual, (6, 1, 4, 4)),
]


def derivatives(model: nn.Module, name: str, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return gradient (n, 2C) and Hessian (n, 2C, 2C) in (b, g) of each sample at one layer."""
    model = at_population(model, x)
    layer = model.get_submodule(name)
    C = layer.num_features
    noise: list[Tensor] = []

    def add(module: nn.Module, args: tuple[Tensor], output: Tensor) -> Tensor:
        std = (module.running_var + module.eps).sqrt()
        shape = (1, C, *[1] * (output.ndim - 2))
        z = (args[0] - module.running_mean.reshape(shape)) / std.reshape(shape)
        return output + noise[0][:C].reshape(shape) + noise[0][C:].reshape(shape) * z

    layer.register_forward_hook(add)

    def loss(both: Tensor, n: int) -> Tensor:
        noise[:] = [both]
        return squared_error(model(x[n : n + 1]), y[n : n + 1])

    zero = x.new_zeros(2 * C)
    every = range(len(x))
    first = torch.stack([jacobian(lambda v, n=n: loss(v, n), zero) for n in every])
    return first, torch.stack([hessian(lambda v, n=n: loss(v, n), zero) for n in every])


def expected(model: nn.Module, name: str, x: Tensor, y: Tensor) -> dict[str, np.ndarray]:
    """Return the coefficients of 1/M of each channel."""
    seen = inputs_in_training(model, x)[name]
    h = seen.reshape(*seen.shape[:2], -1).numpy()
    layer = model.get_submodule(name)
    gamma = layer.weight.detach().numpy()
    variance = h.var((0, 2))
    z = (h - h.mean((0, 2))[:, None]) / np.sqrt(variance + layer.eps)[:, None]
    a, q = z.mean(2), (z**2).mean(2)
    V_m, V_q, C = a.var(0), q.var(0), ((a - a.mean(0)) * (q - q.mean(0))).mean(0)
    first, second = (tensor.numpy() for tensor in derivatives(model, name, x, y))
    channels = len(gamma)
    diagonal = np.einsum("nii->ni", second).mean(0)
    crossed = np.einsum("nii->ni", second[:, :channels, channels:]).mean(0)
    l_b, l_g = first[:, :channels], first[:, channels:]
    membership = (C / 2 - a) * l_b + (3 * V_q / 8 + (q.mean(0) + V_m - q) / 2) * l_g
    flat = h.transpose(1, 0, 2).reshape(channels, -1)
    return {
        "gamma": gamma,
        "V_m": V_m,
        "V_q": V_q,
        "C": C,
        "skewness": stats.skew(flat, axis=1),
        "excess_kurtosis": stats.kurtosis(flat, axis=1),
        "from_mean": V_m / 2 * diagonal[:channels],
        "from_std": V_q / 8 * diagonal[channels:],
        "from_skewness": C / 2 * crossed,
        "from_membership": membership.mean(0) / gamma,
    }


@pytest.mark.parametrize(("make", "shape"), MODELS)
@pytest.mark.parametrize("size", [100, 4])
def test_narrow_layers_are_exact(make: Any, shape: tuple[int, ...], size: int) -> None:
    model, (x, y) = build(make), samples(*shape)
    decay = gamma_decay(model, in_batches(x, y, size), squared_error, batch_size=20)
    for name in decay.layers["layer"].values:
        units = decay.units.sel(layer=name)
        truth = expected(model, str(name), x, y)
        for term, values in truth.items():
            scale = 20 if term.startswith("from_") else 1
            close = pytest.approx(values, rel=1e-7, abs=1e-12 + 1e-7 * abs(values).max())
            assert units[term].values * scale == close, (name, term)
        own = sum(values for term, values in truth.items() if term.startswith("from_"))
        assert 20 * units["zeta_own_batch"].values == pytest.approx(own, rel=1e-6)
        losses = truth["gamma"] ** 2 * own
        assert 20 * float(decay.layers["loss_increase_own_batch"].sel(layer=name)) == (
            pytest.approx(losses.sum(), rel=1e-6)
        )


WIDE = 12


@pytest.fixture(scope="module")
def wide() -> tuple[nn.Module, Tensor, Tensor]:
    return build(mlp, WIDE), *samples(30, 3)


def test_as_many_probes_as_channels_are_exact(wide: tuple[nn.Module, Tensor, Tensor]) -> None:
    model, x, y = wide
    exact, more = (
        gamma_decay(model, [(x, y)], squared_error, probes=probes).units for probes in (WIDE, 100)
    )
    assert exact.equals(more)


def test_probes_are_unbiased(wide: tuple[nn.Module, Tensor, Tensor]) -> None:
    model, x, y = wide
    exact = gamma_decay(model, [(x, y)], squared_error, probes=WIDE).units
    repeats = [
        gamma_decay(model, [(x, y)], squared_error, probes=2, seed=seed).units for seed in range(16)
    ]
    for term in ("from_mean", "from_std", "from_skewness"):
        values = np.stack([units[term].values for units in repeats])
        error = values.std(0, ddof=1) / np.sqrt(len(values))
        deviations = (values.mean(0) - exact[term].values) / error
        assert (error > 0).all()
        assert abs(deviations).max() < 4.5
        assert np.sqrt((deviations**2).mean()) == pytest.approx(1, abs=0.35)
        stated = np.stack([units[f"{term}_standard_error"].values for units in repeats])
        assert np.median(stated.mean(0) / values.std(0, ddof=1)) > 1  # the samples are in it
    membership = {float(units["loss_from_membership"].sum()) for units in repeats}
    assert len(membership) == 1  # needs no probes


def test_the_stated_error_is_that_of_samples_and_probes() -> None:
    """The spread of 40 measurements on samples of their own."""
    x, y = samples(40 * 25, 3)
    model = at_population(build(mlp, 3), x)
    repeats = [
        gamma_decay(model, [batch], squared_error, probes=2, statistics="running", seed=seed).units
        for seed, batch in enumerate(in_batches(x, y, 25))
    ]
    for term, moment in {"from_mean": "V_m", "from_std": "V_q", "from_skewness": "C"}.items():
        curvature = np.stack([(units[term] / units[moment]).values for units in repeats])
        stated = np.stack(
            [(units[f"{term}_standard_error"] / abs(units[moment])).values for units in repeats]
        )
        ratio = np.sqrt((stated**2).mean(0)) / curvature.std(0, ddof=1)
        assert np.median(ratio) == pytest.approx(1, abs=0.15)
