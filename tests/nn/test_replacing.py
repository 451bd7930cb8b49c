"""Other layers in place of batch normalization, and batch normalization inside the kernels."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from small import Residual, build, convolutional, mlp, samples
from torch import Tensor, nn

from bntheory import nn as ours
from bntheory.nn import MergedNorm, merge, replace_batchnorm, unmerge

MODELS = [(mlp, (12, 3)), (convolutional, (6, 1, 4, 4)), (Residual, (6, 1, 4, 4))]
NORMS = nn.modules.batchnorm._BatchNorm


@pytest.mark.parametrize(
    "family",
    ["PopulationNorm", "MeanOnlyBatchNorm", "VarianceOnlyBatchNorm", "BatchNormDropout"],
)
def test_each_kind_fits(family: str) -> None:
    model = build(Residual).eval()
    before = dict(model.named_parameters())
    assert replace_batchnorm(model, with_=getattr(ours, family)) is model
    assert [type(m).__name__ for m in (model.norm1, model.norm2, model.norm3)] == [
        f"{family}2d", f"{family}2d", f"{family}1d",
    ]  # fmt: skip
    assert not model.norm1.training
    assert all(before[name] is parameter for name, parameter in model.named_parameters())
    assert model(samples(6, 1, 4, 4)[0]).isfinite().all()


def test_evaluation_mode_stays() -> None:
    x, _ = samples(6, 1, 4, 4)
    model = build(Residual).eval()
    before = model(x)
    for kind in (ours.PopulationNorm, ours.PopulationNorm.to_batchnorm, ours.BatchNormDropout):
        replace_batchnorm(model, with_=kind)
        torch.testing.assert_close(model(x), before)
    assert type(model.norm1) is ours.BatchNormDropout2d


def test_anything_that_makes_a_layer() -> None:
    model = replace_batchnorm(build(mlp), with_=nn.Identity)
    assert type(model[1]) is nn.Identity
    model = replace_batchnorm(build(mlp), with_=lambda bn: nn.Sequential(bn, nn.Dropout(0.5)))
    assert type(model[1][0]) is nn.BatchNorm1d and type(model[1][1]) is nn.Dropout
    alone = replace_batchnorm(nn.BatchNorm1d(3), with_=ours.PopulationNorm1d)
    assert type(alone) is ours.PopulationNorm1d
    layer = nn.BatchNorm1d(3)
    twice = replace_batchnorm(nn.Sequential(layer, nn.ReLU(), layer), with_=ours.PopulationNorm)
    assert twice[0] is twice[2] and type(twice[0]) is ours.PopulationNorm1d


@pytest.mark.parametrize(
    ("model", "with_", "error", "said"),
    [
        (nn.Linear(2, 2), nn.Identity, ValueError, "of type Linear, has no batch normalization"),
        (mlp(), ours.PopulationNorm2d, TypeError, "layer is of type BatchNorm1d"),
        (mlp(), "PopulationNorm", TypeError, "with_ is of type str and cannot be called"),
        (mlp(), lambda bn: None, TypeError, "with_ returns type NoneType"),
        (3, nn.Identity, TypeError, "model is of type int"),
    ],
)
def test_refusals(model: Any, with_: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        replace_batchnorm(model, with_=with_)
    if isinstance(model, nn.Sequential):
        assert type(model[1]) is nn.BatchNorm1d


@pytest.mark.parametrize(("make", "shape"), MODELS)
@pytest.mark.parametrize("affine", [True, False])
def test_merged_models_compute_what_they_did(
    make: Any, shape: tuple[int, ...], affine: bool
) -> None:
    model, (x, _) = build(make), samples(*shape)
    if not affine:
        for module in model.modules():
            if isinstance(module, NORMS):
                module.affine, module.weight, module.bias = False, None, None
    before = deepcopy(model).eval()(x)
    kernels = {name: p.clone() for name, p in model.named_parameters()}
    merged = merge(model, x[:2])
    assert merged is model and not any(isinstance(m, NORMS) for m in model.modules())
    torch.testing.assert_close(model(x), before)  # in training mode
    assert all(p.requires_grad for p in model.parameters())
    unmerge(model)
    torch.testing.assert_close(model.eval()(x), before)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter, kernels[name])


def test_the_kernel_is_gamma_w_over_sigma() -> None:
    """App. B.2."""
    model = nn.Sequential(nn.Conv2d(2, 3, 3, bias=False), nn.BatchNorm2d(3)).double()
    torch.manual_seed(0)
    nn.init.uniform_(model[1].weight, 0.5, 1.5)
    nn.init.uniform_(model[1].running_var, 0.5, 1.5)
    w, bn = model[0].weight.clone(), deepcopy(model[1])
    merge(model, torch.randn(2, 2, 4, 4).double())
    expected = torch.stack(
        [bn.weight[c] * w[c] / (bn.running_var[c] + bn.eps) ** 0.5 for c in range(3)]
    )
    torch.testing.assert_close(model[0].weight, nn.Parameter(expected))
    assert model[0].bias.requires_grad and isinstance(model[1], MergedNorm)
    assert "MergedNorm(BatchNorm2d in 0)" in repr(model)


@pytest.mark.parametrize("bias", [True, False])
def test_training_in_between_stays(bias: bool) -> None:
    model = nn.Sequential(nn.Linear(3, 4, bias=bias), nn.BatchNorm1d(4), nn.Tanh()).double()
    x, _ = samples(20, 3)
    for _ in range(5):
        model(x)
    merge(model, x)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()
    trained = deepcopy(model)(x)
    unmerge(model)
    assert (model[0].bias is not None) == bias and isinstance(model[1], nn.BatchNorm1d)
    torch.testing.assert_close(model.eval()(x), trained)


class Shared(nn.Module):
    """Uses the output of its kernel beside the normalization, too."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel, self.norm = nn.Linear(3, 3), nn.BatchNorm1d(3)

    def forward(self, x: Tensor) -> Tensor:
        h = self.kernel(x)
        out: Tensor = self.norm(h) + h
        return out


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (nn.Sequential(nn.Linear(3, 3)), "has no batch normalization"),
        (nn.Sequential(nn.BatchNorm1d(3)), "'0' does not take the output of a kernel"),
        (nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.BatchNorm1d(3)), "'2' does not take"),
        (Shared(), "the outputs change when batch normalization is merged"),
        (
            nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3, track_running_stats=False)),
            "layer '1' has no running averages",
        ),
        (
            nn.Sequential(
                nn.utils.parametrizations.weight_norm(nn.Linear(3, 3)), nn.BatchNorm1d(3)
            ),
            "the kernel in front of layer '1' is parametrized",
        ),
    ],
)
def test_what_cannot_be_merged(model: nn.Module, said: str) -> None:
    for module in model.modules():
        if isinstance(module, NORMS) and module.running_mean is not None:
            nn.init.normal_(module.running_mean)
    x = torch.randn(4, 3)
    before = None if "averages" in said else deepcopy(model).eval()(x)
    with pytest.raises(ValueError, match=said):
        merge(model, x)
    if before is not None:
        assert torch.equal(model.eval()(x), before)


def test_an_optimizer_goes_on_with_merged_kernels() -> None:
    model = build(mlp)
    parameters = {id(p) for p in model.parameters()}
    norms = {id(p) for m in model.modules() if isinstance(m, NORMS) for p in m.parameters()}
    merge(model, samples(4, 3)[0])
    assert {id(p) for p in model.parameters()} == parameters - norms


@pytest.mark.parametrize("inputs", [torch.full((2, 3), torch.nan), torch.empty(0, 3)])
def test_inputs_that_say_nothing(inputs: Tensor) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    before = deepcopy(model)
    with pytest.raises(ValueError, match="the outputs .* are none, or not finite"):
        merge(model, inputs)
    assert isinstance(model[1], nn.BatchNorm1d) and torch.equal(model[0].weight, before[0].weight)


def test_a_kernel_in_two_places_stays_as_it_was() -> None:
    model = nn.Sequential(*[m for _ in "ab" for m in (nn.Linear(3, 3), nn.BatchNorm1d(3))])
    model[2].weight = model[0].weight
    for norm in (model[1], model[3]):
        nn.init.uniform_(norm.running_var, 2, 3)
    before = model.eval()(torch.ones(2, 3))
    with pytest.raises(ValueError, match="or its output, is used elsewhere"):
        merge(model, torch.randn(2, 3))
    assert torch.equal(model(torch.ones(2, 3)), before) and model[2].weight is model[0].weight


@pytest.mark.parametrize("kind", [ours.MeanOnlyBatchNorm, ours.BatchNormDropout])
def test_running_averages_move_again_behind_a_population(kind: Any) -> None:
    model = replace_batchnorm(nn.Sequential(ours.PopulationNorm1d(3)), with_=kind)
    model(torch.randn(8, 3) + 5)
    assert (model[0].running_mean > 0.2).all()


def test_what_cannot_be_taken_out() -> None:
    with pytest.raises(ValueError, match="has no merged normalization"):
        unmerge(build(mlp))
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    nn.init.zeros_(model[1].weight)
    merge(model, torch.randn(2, 3))
    with pytest.raises(ValueError, match="gamma = 0 in channel 0 of '1'"):
        unmerge(model)
