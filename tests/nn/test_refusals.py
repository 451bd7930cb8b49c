"""Bad input: one line that says what is wrong, and a model that is left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from small import build, convolutional, in_batches, mlp, samples, squared_error
from torch import Tensor, nn
from torch.utils.data import TensorDataset

from bntheory.nn import gamma_decay

X, Y = samples(8, 3)
INF = float("inf")


def with_value(value: float) -> list[tuple[Tensor, Tensor]]:
    x = X.clone()
    x[5, 1] = value
    return in_batches(x, Y, 4)


class Shrinking:
    """Gives fewer batches each time it is read."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        self.batches -= 1
        return iter(in_batches(X, Y, 2)[: self.batches])


class Calls(nn.Module):
    """Applies its layers in the order that a function of the input tells."""

    def __init__(self, order: Any) -> None:
        super().__init__()
        self.a = nn.BatchNorm1d(3)
        self.b = nn.BatchNorm1d(3)
        self.last = nn.Linear(3, 2)
        self.order = order

    def forward(self, x: Tensor) -> Tensor:
        for name in self.order(x):
            x = torch.tanh(self.get_submodule(name)(x))
        out: Tensor = self.last(x)
        return out


def sometimes(x: Tensor) -> list[str]:
    return ["a", "b"] if x[0, 0] == X[0, 0] else ["b", "a"]


class Sequences(nn.Module):
    """Takes the steps of a sequence for samples of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Tensor) -> Tensor:
        rows: Tensor = self.norm(x.repeat_interleave(2, 0))
        return rows.reshape(len(x), 6)[:, :2]


class Sizes(nn.Module):
    """Gives as many positions as the first sample asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Tensor) -> Tensor:
        wide = x[..., None].expand(-1, -1, 1 if x[0, 0] == X[0, 0] else 2)
        out: Tensor = self.norm(wide).mean(2)[:, :2]
        return out


def untracked() -> nn.Module:
    return nn.Sequential(nn.BatchNorm1d(3, track_running_stats=False), nn.Linear(3, 2)).double()


GOOD = in_batches(X, Y, 4)
BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no module": ({"model": torch.tanh}, TypeError, "model is of type builtin_function_or_method"),
    "no normalization": (
        {"model": nn.Linear(3, 2)},
        ValueError,
        "the model, of type Linear, has no",
    ),
    "instance normalization": (
        {"model": nn.Sequential(nn.InstanceNorm1d(3))},
        ValueError,
        "has no batch normalization",
    ),
    "lazy": ({"model": nn.LazyBatchNorm1d()}, ValueError, "lazy layers"),
    "never reached": ({"model": Calls(lambda x: ["b"])}, ValueError, "'a' is never reached"),
    "reached twice": (
        {"model": Calls(lambda x: ["a", "b", "a"])},
        ValueError,
        "'a' is reached 2 times",
    ),
    "changing order": ({"model": Calls(sometimes)}, ValueError, "'a' and 'b' comes first differs"),
    "rows": ({"model": Sequences()}, ValueError, "has 8 rows for a batch of 4 samples"),
    "positions": ({"model": Sizes()}, ValueError, "positions (1,), then (2,)"),
    "untracked": (
        {"model": untracked(), "statistics": "running"},
        ValueError,
        "layer '0' does not track them; use 'data'",
    ),
    "empty list": ({"loader": []}, ValueError, "the loader gives no batches"),
    "generator": ({"loader": (pair for pair in GOOD)}, TypeError, "can be read once only"),
    "zip": (
        {"loader": zip([X], [Y], strict=True)},
        TypeError,
        "loader, of type zip, can be read",
    ),
    "data set": ({"loader": TensorDataset(X, Y)}, TypeError, "put it in a DataLoader"),
    "number": ({"loader": 3}, TypeError, "loader, of type int, gives no batches"),
    "shrinking": ({"loader": Shrinking(5)}, ValueError, "gave 8 samples at first and 6 later"),
    "a pair alone": ({"loader": (X, Y)}, TypeError, "batch 0 is of type Tensor, no pair"),
    "input alone": ({"loader": [(X,)]}, TypeError, "batch 0 is of type tuple and length 1"),
    "three": ({"loader": [*GOOD, (X, Y, Y)]}, TypeError, "batch 2 is of type tuple and length 3"),
    "dictionary": ({"loader": [{"x": X, "y": Y}]}, TypeError, "batch 0 is of type dict, no pair"),
    "text": ({"loader": ["xy"]}, TypeError, "batch 0 is of type str, no pair"),
    "array": ({"loader": [(X.numpy(), Y)]}, TypeError, "input of batch 0 is of type ndarray"),
    "integers": ({"loader": [(X.long(), Y)]}, TypeError, "batch 0 is of type torch.int64"),
    "bytes": ({"loader": [(X.byte(), Y)]}, TypeError, "batch 0 is of type torch.uint8"),
    "scalar": ({"loader": [(X[0, 0], Y)]}, ValueError, "batch 0 has no samples, but shape ()"),
    "no samples": ({"loader": [(X[:0], Y[:0])]}, ValueError, "has no samples, but shape (0, 3)"),
    "nan": ({"loader": with_value(np.nan)}, ValueError, "the input of batch 1 holds nan or inf"),
    "inf": ({"loader": with_value(-INF)}, ValueError, "the input of batch 1 holds nan or inf"),
    "nan target": ({"loader": [(X, Y * np.nan)]}, ValueError, "the loss of a batch is nan"),
    "no loss": ({"loss": "mse"}, TypeError, "loss is of type str and cannot be"),
    "number of a loss": (
        {"loss": lambda o, t: 1.0},
        TypeError,
        "the loss returns type float, no sc",
    ),
    "loss of each": (
        {"loss": lambda o, t: (o - t).square().mean(1)},
        TypeError,
        "the loss returns type Tensor of shape (4,), no scalar",
    ),
    "infinite loss": ({"loss": lambda o, t: (o / 0).sum()}, ValueError, "the loss of a batch is"),
    "detached loss": (
        {"loss": lambda o, t: squared_error(o.detach(), t)},
        ValueError,
        "the loss has no gradient at any layer",
    ),
    "loss of the target": ({"loss": lambda o, t: t.mean()}, ValueError, "the loss has no gradient"),
    "counts": (
        {"loss": lambda o, t: (o.argmax(1) == t.argmax(1)).sum()},
        ValueError,
        "the loss has no gradient",
    ),
    "summed loss": (
        {"loss": lambda o, t: (o - t).square().sum()},
        ValueError,
        "it has to be the average over the samples",
    ),
    "infinite derivative": (
        {"loss": lambda o, t: (o - o.detach()).abs().sqrt().mean()},
        ValueError,
        "a derivative of the loss at layer '1' is not finite",
    ),
    "one sample": ({"loader": in_batches(X, Y, 1)}, ValueError, "batch_size = 1 is outside its"),
    "batch_size 1": ({"batch_size": 1}, ValueError, "batch_size = 1 is outside its domain, 2 <="),
    "batch_size 2.5": ({"batch_size": 2.5}, TypeError, "batch_size = 2.5 is not an integer"),
    "batch_size True": ({"batch_size": True}, TypeError, "batch_size = True is not an integer"),
    "batch_size text": ({"batch_size": "32"}, TypeError, "batch_size = '32' is not an integer"),
    "probes 0": ({"probes": 0}, ValueError, "probes = 0 is outside its domain, 1 <= probes"),
    "probes 1.0": ({"probes": 1.0}, TypeError, "probes = 1.0 is not an integer"),
    "seed": ({"seed": -1}, ValueError, "seed = -1 is outside its domain, 0 <= seed <= 4294967295"),
    "statistics": ({"statistics": "batch"}, ValueError, "'batch' is neither 'data' nor 'running'"),
    "no statistics": ({"statistics": None}, ValueError, "None is neither 'data' nor 'running'"),
    "device": ({"device": "abacus"}, ValueError, "device = 'abacus' is no device that torch knows"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name: str) -> None:
    change, kind, text = BAD[name]
    given: dict[str, Any] = {"model": build(mlp), "loader": GOOD, "loss": squared_error} | change
    if name not in ("no module", "lazy"):
        given["model"].double().train()
    with pytest.raises(kind) as caught:
        gamma_decay(given.pop("model"), given.pop("loader"), given.pop("loss"), **given)
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_output_not_finite() -> None:
    class Logarithm(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.log()

    model = nn.Sequential(nn.BatchNorm1d(3), Logarithm(), nn.Linear(3, 2)).double()
    with pytest.raises(ValueError, match="^the output of the model .* is not finite$"):
        gamma_decay(model, GOOD, squared_error)


def test_accepted() -> None:
    model = build(mlp)
    for change in ({"batch_size": np.int64(4)}, {"device": "cpu"}, {"device": torch.device("cpu")}):
        assert gamma_decay(model, GOOD, squared_error, **change).batch_size == 4
    assert gamma_decay(model, tuple(GOOD), squared_error).batch_size == 4
    shape = build(convolutional), in_batches(*samples(4, 1, 4, 4), 2)
    assert gamma_decay(*shape, squared_error, batch_size=10**6).batch_size == 10**6
