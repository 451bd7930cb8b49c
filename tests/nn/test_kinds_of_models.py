"""Kinds of normalization, of models, of loaders and of numbers."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
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
from torch.utils.data import DataLoader, TensorDataset

from bntheory.nn import gamma_decay

TERMS = ["from_mean", "from_std", "from_skewness", "from_membership"]


def values(decay: Any) -> np.ndarray:
    return np.stack([decay.units[term].values for term in TERMS])


@pytest.mark.parametrize(
    ("make", "shape"), [(mlp, (9, 3)), (convolutional, (6, 1, 4, 4)), (Residual, (6, 1, 4, 4))]
)
def test_population_normalization_is_training_on_all_data(
    make: Any, shape: tuple[int, ...]
) -> None:
    """In one batch of all data, batch normalization is population normalization."""
    model, (x, y) = build(make), samples(*shape)
    decay = gamma_decay(model, in_batches(x, y, 4), squared_error)
    with torch.no_grad():
        whole = squared_error(deepcopy(model).train()(x), y)
    assert float(decay.total["population_loss"]) == pytest.approx(float(whole), rel=1e-12)
    for name, h in inputs_in_training(model, x).items():
        flat = h.transpose(0, 1).flatten(1)
        z = (flat - flat.mean(1, keepdim=True)) / flat.std(1, correction=0, keepdim=True)
        skewness = decay.units["skewness"].sel(layer=name).values
        assert skewness == pytest.approx((z**3).mean(1).numpy(), rel=1e-9)


def test_running_averages() -> None:
    """Equal to the data's they give the same, otherwise they are what the derivatives are at."""
    model, (x, y) = build(convolutional), samples(6, 1, 4, 4)
    loader = in_batches(x, y, 4)
    data = gamma_decay(model, loader, squared_error)
    true = at_population(model, x)
    same = gamma_decay(true, loader, squared_error, statistics="running")
    assert values(same) == pytest.approx(values(data), rel=1e-8)
    stale = gamma_decay(model, loader, squared_error, statistics="running")
    with torch.no_grad():
        loss = squared_error(deepcopy(model).eval()(x), y)
    assert float(stale.total["population_loss"]) == pytest.approx(float(loss), rel=1e-12)
    assert stale.units["V_m"].sel(layer="1").values == (
        pytest.approx(data.units["V_m"].sel(layer="1").values, rel=1e-9)
    )
    assert abs(values(stale) / values(data) - 1).max() > 0.1


@pytest.mark.parametrize(
    ("change", "affine"),
    [
        (lambda layer: nn.SyncBatchNorm(layer.num_features), True),
        (lambda layer: type(layer)(layer.num_features, track_running_stats=False), True),
        (lambda layer: type(layer)(layer.num_features, affine=False), False),
    ],
)
def test_kinds_of_layers(change: Any, affine: bool) -> None:
    """The kind of layer does not matter but for its scale and shift, which are 1 and 0 if none."""
    model, plain = build(convolutional), build(convolutional)
    for name, layer in list(plain.named_children()):
        if isinstance(layer, nn.BatchNorm2d):
            other = change(layer).double()
            if affine:
                other.load_state_dict(layer.state_dict(), strict=False)
            else:
                nn.init.ones_(layer.weight)
                nn.init.zeros_(layer.bias)
            model.set_submodule(name, other)
    loader = in_batches(*samples(6, 1, 4, 4), 4)
    results = [gamma_decay(m, loader, squared_error) for m in (model, plain)]
    assert values(results[0]) == pytest.approx(values(results[1]), rel=1e-10)
    assert affine or (results[0].units["gamma"] == 1).all()


def test_three_dimensions_and_sequences() -> None:
    """Positions are positions, however they are laid out."""
    x, y = samples(6, 3, 8)
    head = nn.Sequential(nn.Tanh(), nn.Flatten(), nn.Linear(24, 2))
    results = []
    for layer, shape in [
        (nn.BatchNorm1d(3), (8,)),
        (nn.BatchNorm2d(3), (2, 4)),
        (nn.BatchNorm3d(3), (2, 2, 2)),
    ]:
        model = nn.Sequential(nn.Unflatten(2, shape), layer, head).double()
        results.append(values(gamma_decay(model, in_batches(x, y, 4), squared_error)))
    for other in results[1:]:
        assert other == pytest.approx(results[0], rel=1e-10)


class WithActivation(nn.BatchNorm1d):
    """A layer that does more than normalize, as some libraries have it."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(super().forward(x))


def test_a_layer_with_its_own_activation() -> None:
    apart, joined = nn.BatchNorm1d(3), WithActivation(3)
    last = nn.Linear(3, 2)
    loader = in_batches(*samples(9, 3), 4)
    results = [
        gamma_decay(nn.Sequential(*parts).double(), loader, squared_error)
        for parts in ((apart, nn.Tanh(), last), (joined, last))
    ]
    assert (values(results[0]) == values(results[1])).all()


def test_a_compiled_model() -> None:
    model, loader = build(mlp), in_batches(*samples(9, 3), 4)
    compiled = gamma_decay(torch.compile(model, backend="eager"), loader, squared_error)
    assert compiled.units.identical(gamma_decay(model, loader, squared_error).units)


def test_instance_normalization_is_none() -> None:
    model = nn.Sequential(nn.InstanceNorm2d(1), build(convolutional))
    decay = gamma_decay(model, in_batches(*samples(6, 1, 4, 4), 4), squared_error)
    assert list(decay.layers["layer"].values) == ["1.1", "1.4"]


def test_loaders_and_batches_of_any_size() -> None:
    model, (x, y) = build(mlp), samples(10, 3)
    plain = gamma_decay(model, [(x, y)], squared_error)
    for loader in (
        in_batches(x, y, 3),
        [list(pair) for pair in in_batches(x, y, 4)],
        DataLoader(TensorDataset(x, y), batch_size=3),
        DataLoader(TensorDataset(x, y), batch_size=6, shuffle=True),
        in_batches(x, y, 9),  # one sample in the last
    ):
        decay = gamma_decay(model, loader, squared_error, batch_size=10)
        assert values(decay) == pytest.approx(values(plain), rel=1e-9)
    assert plain.batch_size == 10
    assert gamma_decay(model, in_batches(x, y, 3), squared_error).batch_size == 3


def test_targets_of_any_kind() -> None:
    model, (x, y) = build(mlp), samples(10, 3)
    plain = gamma_decay(model, [(x, y)], squared_error).units
    kinds: list[tuple[Any, Any]] = [
        ({"y": [y]}, lambda output, target: squared_error(output, target["y"][0])),
        ((y, "name"), lambda output, target: squared_error(output, target[0])),
        (None, lambda output, target: squared_error(output, y)),
    ]
    for target, loss in kinds:
        assert gamma_decay(model, [(x, target)], loss).units.identical(plain)
    labels = torch.arange(10) % 2
    assert gamma_decay(model, [(x, labels)], nn.functional.cross_entropy).units.sizes["unit"] == 8


def test_single_precision() -> None:
    x, y = samples(12, 3)
    double = gamma_decay(build(mlp), [(x, y)], squared_error)
    single = gamma_decay(build(mlp).float(), [(x.float(), y.float())], squared_error)
    assert single.units["zeta"].dtype == np.float64
    scale = abs(values(double)).max(1)[:, None]
    assert (values(single) / scale) == pytest.approx(values(double) / scale, abs=1e-4)


def test_integer_input_of_an_embedding() -> None:
    model = nn.Sequential(nn.Embedding(5, 3), nn.Flatten(), nn.Linear(6, 2), nn.BatchNorm1d(2))
    x = torch.arange(16).reshape(8, 2) % 5
    decay = gamma_decay(model, [(x, torch.zeros(8, 2))], squared_error)
    assert decay.units["zeta"].notnull().all()


def test_scale_zero() -> None:
    """A channel that is switched off adds nothing; of its coefficients one term has no limit."""
    model, (x, y) = build(mlp), samples(9, 3)
    with torch.no_grad():
        model[1].weight[2] = 0.0
    decay = gamma_decay(model, [(x, y)], squared_error)
    unit = decay.units.sel(layer="1", channel=2)
    assert float(unit["zeta"]) != 0 and float(unit["loss_from_membership"]) == 0
    assert np.isnan(unit["from_membership"]) and np.isnan(unit["zeta_own_batch"])
    assert float(unit["loss_increase_own_batch"]) == 0
    assert np.isfinite(decay.loss_increase).all()
    assert decay.layers["zeta_own_batch"].notnull().all()


def test_inputs_that_do_not_vary() -> None:
    model, (x, y) = build(mlp), samples(9, 3)
    with torch.no_grad():
        model[0].weight[1] = 0.0
    decay = gamma_decay(model, [(x, y)], squared_error)
    unit = decay.units.sel(layer="1", channel=1)
    assert float(unit["loss_increase_own_batch"]) == pytest.approx(0, abs=1e-12)
    assert np.isnan(unit["excess_kurtosis"]) and np.isnan(unit["skewness"])
    assert "nan" not in str(decay)


def test_linear_and_piecewise_linear_models() -> None:
    """Without curvature the paper's terms vanish, and those of the own batch do not."""
    x, y = samples(9, 3)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).double()
    decay = gamma_decay(model, [(x, y)], lambda output, target: (output * target).mean())
    assert decay.loss_increase.zeta == 0
    assert decay.loss_increase.zeta_own_batch != 0


def test_the_biased_deviation_by_hand() -> None:
    """l = y out with y = z: what is added is E[delta z] of one sample, gamma^2 = 1."""
    x, _ = samples(4000, 1)
    model = nn.BatchNorm1d(1, affine=False, eps=1e-12).double()
    z = (x - x.mean()) / x.std(correction=0)
    decay = gamma_decay(model, [(x, z)], lambda out, target: (out * target).mean(), batch_size=50)
    fourth = float((z**4).mean())
    expected = 3 * (fourth - 1) / 8 - fourth / 2
    assert 50 * decay.loss_increase.zeta_own_batch == pytest.approx(expected, rel=1e-8)
