"""How many samples a ReLU student can have the least training error of: what two files share.

Samples are added one after the other until no student has the least error of all of them, which a
linear program tells; the last number before is found by bisection.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from bntheory.simulation import Estimate, Run
from bntheory.simulation.interpolation import reaches_least_error
from bntheory.simulation.teacher import Samples
from validation.offline import replicas

SIZES = ((24, 192), (48, 128))
LEAST, MOST = 0.9, 2.4  # loads between which it is looked for


@cache
def measured(run: Run, S: float) -> Estimate:
    """Measure the load at which the least training error ends, for a variance of the noise."""
    (found,) = replicas(run, f"capacity {S}", MOST, S, _loads, SIZES)
    return found


def _loads(samples: Samples) -> Tensor:
    """Return the number of samples over N, halfway between the last that fit and the next."""
    return torch.stack(
        [_load(samples.part(k, k + 1)) for k in range(len(samples.x))]
    )[:, None]


def _load(one: Samples) -> Tensor:
    low, high = round(LEAST * one.x.shape[2]), one.x.shape[1]
    while high - low > 1:
        middle = (low + high) // 2
        some = Samples(one.x[:, :middle], one.y[:, :middle], one.w_star)
        low, high = (middle, high) if bool(reaches_least_error(some)[0]) else (low, middle)
    return torch.tensor((low + 0.5) / one.x.shape[2], dtype=torch.float64)
