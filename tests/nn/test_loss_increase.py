"""The terms against torch's own batch normalization, averaged over all batches that there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import enumeration
import pytest
import torch
from small import squared_error
from torch import Tensor, nn

from bntheory.nn import gamma_decay

SIZES = [32, 48, 64, 80]
TERMS = ("mean", "std", "skewness", "membership")


def one_channel(
    kind: str, curve: type[nn.Module], seed: int
) -> tuple[nn.Sequential, Tensor, Tensor]:
    """Return a model with one channel of batch normalization, and four samples."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if kind == "fully connected":
            first, layer, x, width = nn.Linear(3, 1), nn.BatchNorm1d(1), torch.randn(4, 3), 1
        else:
            # neighbours share three quarters of what they see, so positions are correlated
            x, width = torch.randn(4, 1, 3, 3), 4
            first, layer = nn.Conv2d(1, 1, 2), nn.BatchNorm2d(1)
        model = nn.Sequential(first, layer, curve(), nn.Flatten(), nn.Linear(width, 1)).double()
        nn.init.uniform_(layer.weight, 0.7, 1.5)
        nn.init.normal_(layer.bias)
        return model, x.double(), torch.randn(4, 1).double()


#: Chosen so that no term is small beside the others.
CASES = [
    ("fully connected", nn.Softplus, 34),
    ("fully connected", nn.Tanh, 8),
    ("convolution", nn.Softplus, 25),
    ("convolution", nn.Tanh, 39),
]


@dataclass(frozen=True)
class Measured:
    """The terms times M, the moments, and what the enumeration says that the sum of terms is."""

    mean: float
    std: float
    skewness: float
    membership: float
    all: float
    V_m: float
    V_q: float
    rho: float
    truth: float
    kind: str

    def error(self, prediction: float) -> float:
        """Return how far a prediction is off, relative to the largest term."""
        largest = max(map(abs, (self.mean, self.std, self.skewness, self.membership)))
        return abs(prediction - self.truth) / largest


@pytest.fixture(scope="module", params=CASES, ids=lambda case: f"{case[0]}-{case[1].__name__}")
def measured(request: pytest.FixtureRequest) -> Measured:
    model, x, y = one_channel(*request.param)
    units = gamma_decay(model, [(x, y)], squared_error, batch_size=10).units.isel(unit=0)
    return Measured(
        *(10 * float(units[f"loss_from_{name}"]) for name in TERMS),
        10 * float(units["loss_increase_own_batch"]),
        *(float(units[name]) for name in ("V_m", "V_q", "excess_kurtosis")),
        enumeration.coefficient(model, x, y, SIZES),
        request.param[0],
    )


def test_all_terms_are_what_batches_add(measured: Measured) -> None:
    assert measured.error(measured.all) < 5e-3


#: What a slip would predict.
SLIPS: dict[str, Callable[[Measured], float]] = {
    "the paper's terms alone": lambda m: m.mean + m.std,
    "without skewness": lambda m: m.all - m.skewness,
    "without membership": lambda m: m.all - m.membership,
    "half the skewness": lambda m: m.all - m.skewness / 2,
    "membership of the other sign": lambda m: m.all - 2 * m.membership,
    "V_q less 2": lambda m: m.all - 2 / m.V_q * m.std,
    "from_mean twice": lambda m: m.all + m.mean,
    "from_std half": lambda m: m.all - m.std / 2,
}


@pytest.mark.parametrize("slip", SLIPS)
def test_slips_are_seen(measured: Measured, slip: str) -> None:
    assert measured.error(SLIPS[slip](measured)) > 0.1


def test_positions_are_not_independent(measured: Measured) -> None:
    """Were they, there would be V_m = 1/P and V_q = (rho + 2)/P."""
    P = 1 if measured.kind == "fully connected" else 4
    V_m, V_q = 1 / P, (measured.rho + 2) / P
    if P == 1:
        assert (measured.V_m, measured.V_q) == pytest.approx((V_m, V_q), rel=1e-2)
    else:
        wrong = (V_m / measured.V_m - 1) * measured.mean + (V_q / measured.V_q - 1) * measured.std
        assert measured.error(measured.all + wrong) > 0.1


def test_independent_channels_add_up() -> None:
    """Two channels whose inputs are independent, each of two values, one rarer than the other."""
    grid = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).double()
    times = torch.tensor([6, 2, 3, 1])  # 3 : 1 in one channel, 2 : 1 in the other
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        model = nn.Sequential(
            nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Softplus(), nn.Flatten(), nn.Linear(2, 1)
        ).double()
        y = torch.randn(4, 1).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.diag(torch.tensor([1.0, -2.0])))
    data = [(grid.repeat_interleave(times, 0), y.repeat_interleave(times, 0))]
    decay = gamma_decay(model, data, squared_error, batch_size=10)
    truth = enumeration.coefficient(model, grid, y, SIZES, (times / times.sum()).double().numpy())
    terms = 10 * decay.units["loss_increase_own_batch"].values
    assert 10 * decay.loss_increase.zeta_own_batch == pytest.approx(truth, rel=5e-3)
    assert (abs(terms) > 0.1 * abs(truth)).all()
