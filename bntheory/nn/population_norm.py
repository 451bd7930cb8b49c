"""Population normalization: batch normalization with the statistics of a given, large sample."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import BatchNorm1d, BatchNorm2d
from torch.nn.functional import batch_norm
from torch.nn.modules.batchnorm import _BatchNorm

from bntheory.nn.conversion import Converting


class PopulationNorm(Converting):
    """What :class:`PopulationNorm1d` and :class:`PopulationNorm2d` have in common.

    Given to :func:`bntheory.nn.replace_batchnorm`, it stands for the one that fits.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        affine: bool = True,
        moving: bool = True,
        momentum: float = 0.0,
        guard: float | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if not 0 <= momentum <= 1:
            raise ValueError(f"momentum = {momentum:g} is outside its domain, 0 <= momentum <= 1")
        super().__init__(num_features, eps, momentum, affine, True, device=device, dtype=dtype)
        if guard is not None and not guard > 0:
            raise ValueError(f"guard = {guard:g} is outside its domain, 0 < guard")
        self.moving, self.guard = moving, guard

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        return {"eps": layer.eps, "affine": layer.affine}

    def forward(self, input: Tensor) -> Tensor:
        """Return gamma (input - mean)/sqrt(variance + eps) + beta."""
        self._check_input_dim(input)
        mean, var = self.running_mean, self.running_var
        if not self.training:
            return batch_norm(input, mean, var, self.weight, self.bias, False, 0.0, self.eps)
        if (self.momentum or self.guard is not None) and input.numel():
            mean, var = self._following(input)
        if not self.moving:
            return batch_norm(input, mean, var, self.weight, self.bias, False, 0.0, self.eps)
        output: Tensor = _MovingPopulation.apply(input, self.weight, self.bias, mean, var, self.eps)
        return output

    @torch.no_grad()
    def _following(self, input: Tensor) -> tuple[Tensor, Tensor]:
        """Move the statistics with a batch, and return those that it is normalized by."""
        own_mean, own_var = _statistics(input, self.running_mean)
        if self.guard is not None:
            reach = self.guard / len(input) ** 0.5
            away = reach * (own_var + self.eps).sqrt()
            factor = (1 + reach) ** 2
            self.running_mean.copy_(self.running_mean.clamp(own_mean - away, own_mean + away))
            self.running_var.copy_(self.running_var.clamp(own_var / factor, own_var * factor))
        mean, var = self.running_mean.clone(), self.running_var.clone()
        self.running_mean.lerp_(own_mean, self.momentum)
        self.running_var.lerp_(own_var, self.momentum)
        return mean, var

    def to_batchnorm(self, momentum: float | None = 0.1) -> _BatchNorm:
        """Return batch normalization with the same parameters and running averages.

        Parameters
        ----------
        momentum : float or None
            As in torch.
        """
        wide = self.running_mean
        twin = self.BATCH_NORM(
            self.num_features, self.eps, momentum, self.affine,
            device=wide.device, dtype=wide.dtype,
        )  # fmt: skip
        return self.carry_over(self, twin)

    def extra_repr(self) -> str:
        """Return the arguments, as torch shows them."""
        return (
            f"{self.num_features}, eps={self.eps}, affine={self.affine}, moving={self.moving}, "
            f"momentum={self.momentum}, guard={self.guard}"
        )


class PopulationNorm1d(PopulationNorm, BatchNorm1d):
    r"""Normalize by the mean and the deviation of a population, for inputs (N, C) or (N, C, L).

    The output is :math:`\gamma(h-\mu_P)/\sqrt{\sigma_P^2+\epsilon}+\beta`, in training and in
    evaluation mode (Luo et al. 2019, Sec. 2.1).  The statistics are those of the last
    :func:`bntheory.nn.refresh_population`; until then they are 0 and 1.  Parameters and buffers
    have the names that those of ``torch.nn.BatchNorm1d`` have, so that a ``state_dict`` fits both.

    Parameters
    ----------
    num_features : int
        C.
    eps : float, default 1e-5
    affine : bool, default True
        Whether there are gamma and beta, ``weight`` and ``bias``.
    moving : bool, default True
        Whether gradients know that mu_P and sigma_P go with the weights below, as those of batch
        normalization do.  Their derivatives are then estimated by those of the batch's mean and
        mean square around mu_P, exact where the batch is the population; the values are the
        population's all the same.  Without, mu_P and sigma_P count as constants: the layer below
        can lower the loss by growing, until the next refresh takes it back.
    momentum : float, default 0.0
        How far the statistics move toward those of each batch in training, after it has been
        normalized.  They follow the weights then from one refresh to the next, which may lie
        further apart; no sample is normalized by itself.
    guard : float, optional
        How many times sigma_B/sqrt(M) the mean may be away from a batch's, and the deviation as
        many times 1/sqrt(M), relative, in training; what is further away is stale and moved there.
        A deep network whose weights change fast does not run away then.  From 4 on few batches are
        so far from their population by chance.
    device, dtype
        As in torch.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import PopulationNorm1d, refresh_population
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), PopulationNorm1d(3))
    >>> refresh_population(model, torch.randn(1000, 4))
    >>> model(torch.randn(5, 4)).shape
    torch.Size([5, 3])
    """

    BATCH_NORM = BatchNorm1d


class PopulationNorm2d(PopulationNorm, BatchNorm2d):
    """Normalize by the mean and the deviation of a population, for inputs (N, C, H, W).

    See :class:`PopulationNorm1d`; statistics are taken over the sample and the positions.

    Parameters
    ----------
    num_features, eps, affine, moving, momentum, guard, device, dtype
        As there.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import PopulationNorm2d
    >>> layer = PopulationNorm2d.from_batchnorm(torch.nn.BatchNorm2d(8, eps=1e-3))
    >>> layer
    PopulationNorm2d(8, eps=0.001, affine=True, moving=True, momentum=0.0, guard=None)
    >>> isinstance(layer.to_batchnorm(), torch.nn.BatchNorm2d)
    True
    """

    BATCH_NORM = BatchNorm2d


def _statistics(input: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and the unbiased variance of a batch, in the type of ``like``."""
    mean, var = torch.zeros_like(like), torch.ones_like(like)
    entries = input.numel() // len(like)
    if input.device.type in ("cpu", "cuda") and entries > 1:
        # the kernel of the running averages, which reads the batch and writes none
        mean, var = torch.batch_norm_update_stats(input, mean, var, 0.0)
        return mean, var * (entries / (entries - 1))
    batch_norm(input, mean, var, None, None, True, 1.0)
    return mean, var


class _MovingPopulation(torch.autograd.Function):
    """Values of the population; derivatives as if its statistics moved as the batch's do.

    Batch normalization has this backward pass, with the batch's mean and deviation.  torch's own
    kernel takes them as arguments, so it is given the population's.
    """

    @staticmethod
    def forward(
        input: Tensor, weight: Tensor | None, bias: Tensor | None, mean: Tensor, var: Tensor,
        eps: float,
    ) -> Tensor:  # fmt: skip
        return batch_norm(input, mean, var, weight, bias, False, 0.0, eps)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        input, weight, _, mean, var, eps = inputs
        # a refresh in front of the backward pass must not change what was normalized by
        ctx.save_for_backward(input, weight, mean.clone(), (var + eps).rsqrt())
        ctx.eps = eps

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        input, weight, mean, inverse_std = ctx.saved_tensors
        wanted = list(ctx.needs_input_grad[:3])
        if input.ndim == 4 and input.is_contiguous(memory_format=torch.channels_last):
            grad = grad.contiguous(memory_format=torch.channels_last)
        to_input, to_weight, to_bias = torch.ops.aten.native_batch_norm_backward(
            grad, input, weight, None, None, mean, inverse_std, True, ctx.eps, wanted
        )
        found = zip((to_input, to_weight, to_bias), wanted, strict=True)
        return (*(value if asked else None for value, asked in found), None, None, None)
