"""What batch normalization adds to the loss of a user's own PyTorch model, and what does without.

Measured by :func:`gamma_decay`:

>>> import torch
>>> from bntheory.nn import gamma_decay
>>> _ = torch.manual_seed(0)
>>> model = torch.nn.Sequential(
...     torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh(), torch.nn.Linear(3, 1)
... )
>>> data = [(torch.randn(32, 4), torch.randn(32, 1)) for _ in range(8)]
>>> gamma_decay(model, data, torch.nn.functional.mse_loss).units.sizes["unit"]
3

Layers and regularizers that take its place, in one's own model by :func:`replace_batchnorm`:
population normalization and :class:`GammaDecay`, one statistic of the batch alone, dropout behind
it; and :func:`merge`, which puts it into the kernels.
"""

from bntheory.nn.decay import GammaDecay
from bntheory.nn.dropout_norm import BatchNormDropout, BatchNormDropout1d, BatchNormDropout2d
from bntheory.nn.gamma_decay import gamma_decay
from bntheory.nn.merging import MergedNorm, merge, unmerge
from bntheory.nn.partial_norms import (
    MeanOnlyBatchNorm,
    MeanOnlyBatchNorm1d,
    MeanOnlyBatchNorm2d,
    VarianceOnlyBatchNorm,
    VarianceOnlyBatchNorm1d,
    VarianceOnlyBatchNorm2d,
)
from bntheory.nn.population_norm import PopulationNorm, PopulationNorm1d, PopulationNorm2d
from bntheory.nn.refreshing import refresh_population
from bntheory.nn.replacing import replace_batchnorm
from bntheory.nn.result import LossIncrease, MeasuredDecay
from bntheory.nn.schedule import Schedule

__all__ = [
    "BatchNormDropout",
    "BatchNormDropout1d",
    "BatchNormDropout2d",
    "GammaDecay",
    "LossIncrease",
    "MeanOnlyBatchNorm",
    "MeanOnlyBatchNorm1d",
    "MeanOnlyBatchNorm2d",
    "MeasuredDecay",
    "MergedNorm",
    "PopulationNorm",
    "PopulationNorm1d",
    "PopulationNorm2d",
    "Schedule",
    "VarianceOnlyBatchNorm",
    "VarianceOnlyBatchNorm1d",
    "VarianceOnlyBatchNorm2d",
    "gamma_decay",
    "merge",
    "refresh_population",
    "replace_batchnorm",
    "unmerge",
]
