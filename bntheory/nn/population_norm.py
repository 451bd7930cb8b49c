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
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_features, eps, None, affine, True, device=device, dtype=dtype)
        self.moving = moving

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        return {"eps": layer.eps, "affine": layer.affine}

    def forward(self, input: Tensor) -> Tensor:
        """Return gamma (input - mean)/sqrt(variance + eps) + beta."""
        self._check_input_dim(input)
        if self.training and self.moving and torch.is_grad_enabled():
            output: Tensor = _MovingPopulation.apply(
                input, self.weight, self.bias, self.running_mean, self.running_var, self.eps
            )
            return output
        return batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
        )

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
        return f"{self.num_features}, eps={self.eps}, affine={self.affine}, moving={self.moving}"


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
    num_features, eps, affine, moving, device, dtype
        As there.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import PopulationNorm2d
    >>> layer = PopulationNorm2d.from_batchnorm(torch.nn.BatchNorm2d(8, eps=1e-3))
    >>> layer
    PopulationNorm2d(8, eps=0.001, affine=True, moving=True)
    >>> isinstance(layer.to_batchnorm(), torch.nn.BatchNorm2d)
    True
    """

    BATCH_NORM = BatchNorm2d


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
        to_input, to_weight, to_bias = torch.ops.aten.native_batch_norm_backward(
            grad, input, weight, None, None, mean, inverse_std, True, ctx.eps, wanted
        )
        found = zip((to_input, to_weight, to_bias), wanted, strict=True)
        return (*(value if asked else None for value, asked in found), None, None, None)
