"""What batch normalization adds to the loss of a user's own PyTorch model.

>>> import torch
>>> from bntheory.nn import gamma_decay
>>> _ = torch.manual_seed(0)
>>> model = torch.nn.Sequential(
...     torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Tanh(), torch.nn.Linear(3, 1)
... )
>>> data = [(torch.randn(32, 4), torch.randn(32, 1)) for _ in range(8)]
>>> gamma_decay(model, data, torch.nn.functional.mse_loss).units.sizes["unit"]
3
"""

from bntheory.nn.gamma_decay import gamma_decay
from bntheory.nn.result import LossIncrease, MeasuredDecay

__all__ = ["LossIncrease", "MeasuredDecay", "gamma_decay"]
