"""Layers with one statistic of the batch, with dropout, and what all do as torch's do."""

from __future__ import annotations

import pickle
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck
from torch.nn.utils.parametrizations import weight_norm

from bntheory.nn import (
    BatchNormDropout1d,
    BatchNormDropout2d,
    MeanOnlyBatchNorm1d,
    MeanOnlyBatchNorm2d,
    PopulationNorm1d,
    PopulationNorm2d,
    VarianceOnlyBatchNorm1d,
    VarianceOnlyBatchNorm2d,
)

MEAN = [(MeanOnlyBatchNorm1d, (7, 3)), (MeanOnlyBatchNorm2d, (4, 3, 2, 3))]
VARIANCE = [(VarianceOnlyBatchNorm1d, (7, 3)), (VarianceOnlyBatchNorm2d, (4, 3, 2, 3))]
FOLLOWING = partial(PopulationNorm1d, momentum=0.3, guard=2.0)
FOLLOWING.__name__ = "PopulationNorm1d"
ALL = [
    (FOLLOWING, (7, 3)),
    *MEAN,
    *VARIANCE,
    (PopulationNorm1d, (7, 3)),
    (PopulationNorm2d, (4, 3, 2, 3)),
    (BatchNormDropout1d, (7, 3)),
    (BatchNormDropout2d, (4, 3, 2, 3)),
]


def drawn(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1)).exp()


def random(layer: Any) -> Any:
    torch.manual_seed(0)
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, 0.5, 1.5)
    return layer.double()


def batch_norm(layer: Any, **options: Any) -> Any:
    """Return torch's layer, without scale and shift."""
    return layer.BATCH_NORM(3, affine=False, **options).double()


def centred(x: Tensor) -> Tensor:
    return x - x.mean([axis for axis in range(x.ndim) if axis != 1], keepdim=True)


def wide(values: Tensor, x: Tensor) -> Tensor:
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


@pytest.mark.parametrize(("kind", "shape"), MEAN)
@pytest.mark.parametrize("momentum", [0.1, None])
def test_mean_only_is_batch_normalization_of_unit_deviation(
    kind: Any, shape: tuple[int, ...], momentum: float | None
) -> None:
    layer = random(kind(3, momentum=momentum))
    batch = batch_norm(layer, eps=1e-12, momentum=momentum)
    for _ in range(3):
        x = drawn(shape) + torch.randn(1, 3, *[1] * (len(shape) - 2)).double()
        x = x / centred(x).square().mean([0, *range(2, x.ndim)], keepdim=True).sqrt()
        torch.testing.assert_close(layer(x), batch(x) + wide(layer.bias, x))
    torch.testing.assert_close(layer.running_mean, batch.running_mean)
    expected = x - wide(batch.running_mean - layer.bias, x)
    torch.testing.assert_close(layer.eval()(x), expected)
    assert set(layer.state_dict()) == {"bias", "running_mean", "num_batches_tracked"}


@pytest.mark.parametrize(("kind", "shape"), VARIANCE)
@pytest.mark.parametrize("momentum", [0.1, None])
def test_variance_only_is_batch_normalization_of_what_is_centred(
    kind: Any, shape: tuple[int, ...], momentum: float | None
) -> None:
    layer = random(kind(3, momentum=momentum, eps=1e-3))
    batch = random(layer.BATCH_NORM(3, momentum=momentum, eps=1e-3))
    batch.load_state_dict(layer.state_dict())
    for k in range(3):
        x = centred(drawn(shape) * (k + 1))
        torch.testing.assert_close(layer(x), batch(x))
    torch.testing.assert_close(layer.running_var, batch.running_var)
    torch.testing.assert_close(layer.eval()(x), batch.eval()(x))
    # and the mean is left where it is, in units of the deviation
    x = drawn(shape)
    away = batch.train()(x) - layer.train()(x)
    assert away.std((0, *range(2, x.ndim))).max() < 1e-12 and away.abs().min() > 0.1


@pytest.mark.parametrize(("kind", "shape"), [*MEAN, *VARIANCE])
@pytest.mark.parametrize("training", [True, False])
def test_gradcheck(kind: Any, shape: tuple[int, ...], training: bool) -> None:
    layer = random(kind(3, track_running_stats=not training)).train(training)
    names = [name for name, _ in layer.named_parameters()]

    def output(x: Tensor, *parameters: Tensor) -> Tensor:
        named = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, named, (x,))

    assert gradcheck(output, (drawn(shape).requires_grad_(), *layer.parameters()))


@pytest.mark.parametrize(("kind", "shape"), ALL)
def test_other_channels_and_empty_batches(kind: Any, shape: tuple[int, ...]) -> None:
    layer = kind(3)
    before = deepcopy(layer.state_dict())
    for channels in (1, 4):
        with pytest.raises(ValueError, match=f": {channels} channels and not 3"):
            layer(torch.randn(shape[0], channels, *shape[2:]))
    assert layer(torch.empty(0, *shape[1:])).shape == (0, *shape[1:])
    assert torch.equal(layer.running_mean, before["running_mean"])


def test_weight_normalization_with_mean_only() -> None:
    """The batch's mean is gone, and so is a shift of the input; the deviation is the kernel's."""
    torch.manual_seed(0)
    kernel = weight_norm(nn.Conv2d(2, 3, 3))
    model = nn.Sequential(kernel, MeanOnlyBatchNorm2d(3)).double()
    x = drawn((5, 2, 6, 6))
    torch.testing.assert_close(model(x + 1), model(x))
    with torch.no_grad():
        kernel.parametrizations.weight.original0.mul_(2)
    torch.testing.assert_close(model(x), centred(kernel(x)))


def test_weight_normalization_with_variance_only() -> None:
    """The length of the kernel does not matter; a shift of the input does."""
    torch.manual_seed(0)
    kernel = weight_norm(nn.Conv2d(2, 3, 3, bias=False))
    model = nn.Sequential(kernel, VarianceOnlyBatchNorm2d(3, eps=0.0)).double()
    x = drawn((5, 2, 6, 6))
    before = model(x)
    with torch.no_grad():
        kernel.parametrizations.weight.original0.mul_(2)
    torch.testing.assert_close(model(x), before)
    assert not torch.allclose(model(x + 1), before)


def test_dropout() -> None:
    x = drawn((2000, 3))
    layer, batch = random(BatchNormDropout1d(3, p=0.25)), random(nn.BatchNorm1d(3))
    torch.manual_seed(3)
    output, whole = layer(x), batch(x)
    kept = output != 0
    torch.testing.assert_close(output[kept], whole[kept] / 0.75)
    assert kept.double().mean() == pytest.approx(0.75, abs=0.03)
    torch.testing.assert_close(layer.eval()(x), batch.eval()(x))
    with pytest.raises(ValueError, match="p = 2 is outside its domain, 0 <= p <= 1"):
        BatchNormDropout1d(3, p=2)


@pytest.mark.parametrize(("kind", "shape"), ALL)
def test_conventions(kind: Any, shape: tuple[int, ...]) -> None:
    x, layer = drawn(shape), random(kind(3))
    layer(x)
    layer.eval()
    output = layer(x)
    for copy in (deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert copy is not layer and not copy.training
        torch.testing.assert_close(copy(x), output)
    fresh = kind(3, dtype=torch.float64).eval()
    fresh.load_state_dict(layer.state_dict())
    torch.testing.assert_close(fresh(x), output)
    assert kind.__name__ in repr(layer) and "(3, " in repr(layer)
    assert next(kind(3, device="meta").parameters()).is_meta
    assert not list(kind(3, affine=False).parameters())
    torch.testing.assert_close(layer.float()(x.float()), output.float())
    with pytest.raises(ValueError, match="expected [24]D"):
        layer(torch.ones(2, 3, 4, 5) if len(shape) == 2 else torch.ones(2, 3))


@pytest.mark.parametrize(("kind", "shape"), ALL)
def test_autocast(kind: Any, shape: tuple[int, ...]) -> None:
    """Inputs of half precision come out as such; statistics are kept in full."""
    layer, x = kind(3), drawn(shape).bfloat16().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = layer(x)
    output.float().square().sum().backward()
    assert output.dtype == x.grad.dtype == torch.bfloat16
    assert all(p.grad.dtype == torch.float32 for p in layer.parameters())
    assert layer.running_mean.dtype == torch.float32


@pytest.mark.parametrize(("kind", "shape"), ALL)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compile(kind: Any, shape: tuple[int, ...]) -> None:
    torch._dynamo.reset()
    layer, x = random(kind(3)), drawn(shape)
    if "Dropout" in kind.__name__:
        layer.p = 0.0  # the compiler draws other random numbers
    twin = deepcopy(layer)
    compiled = torch.compile(layer, backend="aot_eager", fullgraph=True)
    found = []
    for module in (twin, compiled):
        own = x.clone().requires_grad_()
        output = module(own)
        output.pow(3).sum().backward()
        found.append([output, own.grad])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(theirs, ours)
    torch.testing.assert_close(layer.state_dict(), twin.state_dict())


@pytest.fixture
def alone(tmp_path: Path) -> Any:
    store = f"file://{tmp_path}/store"
    torch.distributed.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize(("kind", "shape"), ALL)
def test_distributed(kind: Any, shape: tuple[int, ...], alone: None) -> None:
    layer, x = random(kind(3)), drawn(shape)
    twin = deepcopy(layer)
    found = []
    for module in (twin, nn.parallel.DistributedDataParallel(layer)):
        torch.manual_seed(0)
        module(x).pow(3).sum().backward()
        found.append([p.grad for p in module.parameters()])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(theirs, ours)
