"""One statistic of the batch alone: its mean, or its deviation."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import BatchNorm1d, BatchNorm2d
from torch.nn.modules.batchnorm import _BatchNorm

from bntheory.nn.conversion import Converting
from bntheory.nn.normalization import over_positions


class _PartialNorm(Converting):
    """Statistics of the batch in training, running averages in evaluation, as torch has them."""

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        return {"momentum": layer.momentum, "track_running_stats": layer.track_running_stats}

    @property
    def _by_batch(self) -> bool:
        return self.training or self.running_mean is None

    def _follow(self, buffer: Tensor, value: Tensor, counts: bool) -> None:
        """Move a running average toward a batch's value; ``counts`` for the first of a batch."""
        if not (self.training and self.track_running_stats):
            return
        with torch.no_grad():
            if counts:
                self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the average of all batches
                buffer.add_((value - buffer) / self.num_batches_tracked)
            else:
                buffer.lerp_(value.to(buffer.dtype), self.momentum)


class MeanOnlyBatchNorm(_PartialNorm):
    """What the two kinds of mean-only batch normalization have in common.

    Given to :func:`bntheory.nn.replace_batchnorm`, it stands for the one that fits.
    """

    def __init__(
        self,
        num_features: int,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_features, 0.0, momentum, affine, track_running_stats, device=device, dtype=dtype
        )
        self.register_parameter("weight", None)
        self.register_buffer("running_var", None)

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        return {**super().options(layer), "affine": layer.affine}

    def reset_running_stats(self) -> None:
        """Start the running mean anew."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Start anew."""
        self.reset_running_stats()
        if self.affine:
            torch.nn.init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return input - mean + beta."""
        self._check_input_dim(input)
        if not input.numel():
            return input
        mean = self.running_mean
        if self._by_batch:
            mean = input.mean(_all_but_channels(input), dtype=_wide(input))
            self._follow(self.running_mean, mean, counts=True)
        shift = -mean if self.bias is None else self.bias - mean
        return input + over_positions(shift, input).to(input.dtype)

    def extra_repr(self) -> str:
        """Return the arguments, as torch shows them."""
        return (
            f"{self.num_features}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class MeanOnlyBatchNorm1d(MeanOnlyBatchNorm):
    """Take off the batch's mean and add beta, for inputs (N, C) or (N, C, L).

    For weight-normalized kernels, whose length takes the part of gamma (Salimans and Kingma 2016;
    Luo et al. 2019, Sec. 5).  There is a ``bias``, beta, and no ``weight``.

    Parameters
    ----------
    num_features : int
        C.
    momentum : float or None, default 0.1
        Of the running mean, which evaluation mode takes off; None for the average of all batches.
    affine : bool, default True
        Whether there is beta.
    track_running_stats : bool, default True
        Without, evaluation mode takes off the batch's mean, too.
    device, dtype
        As in torch.

    Examples
    --------
    >>> import torch
    >>> from torch.nn.utils.parametrizations import weight_norm
    >>> from bntheory.nn import MeanOnlyBatchNorm1d
    >>> kernel = weight_norm(torch.nn.Linear(4, 3, bias=False))
    >>> model = torch.nn.Sequential(kernel, MeanOnlyBatchNorm1d(3))
    >>> bool(model(torch.randn(8, 4)).mean(0).abs().max() < 1e-6)
    True
    """

    BATCH_NORM = BatchNorm1d


class MeanOnlyBatchNorm2d(MeanOnlyBatchNorm):
    """Take off the batch's mean and add beta, for inputs (N, C, H, W).

    See :class:`MeanOnlyBatchNorm1d`; the mean is over the samples and the positions.

    Parameters
    ----------
    num_features, momentum, affine, track_running_stats, device, dtype
        As there.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import MeanOnlyBatchNorm2d
    >>> MeanOnlyBatchNorm2d(3)(torch.randn(8, 3, 5, 5)).shape
    torch.Size([8, 3, 5, 5])
    """

    BATCH_NORM = BatchNorm2d


class VarianceOnlyBatchNorm(_PartialNorm):
    """What the two kinds of variance-only batch normalization have in common.

    Given to :func:`bntheory.nn.replace_batchnorm`, it stands for the one that fits.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device=device, dtype=dtype
        )

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        return {**super().options(layer), "eps": layer.eps, "affine": layer.affine}

    def forward(self, input: Tensor) -> Tensor:
        """Return gamma input/sqrt(variance + eps) + beta."""
        self._check_input_dim(input)
        if not input.numel():
            return input
        variance = self.running_var
        if self._by_batch:
            values = input.to(_wide(input))
            entries = input.numel() // input.shape[1]
            if entries < 2:
                raise ValueError(
                    f"the input has shape {tuple(input.shape)}: one value for each channel, and a "
                    "variance takes two"
                )
            variance, mean = torch.var_mean(values, _all_but_channels(input), correction=0)
            if self.track_running_stats:
                self._follow(self.running_mean, mean, counts=True)
                self._follow(self.running_var, variance * (entries / (entries - 1)), counts=False)
        scale = (variance + self.eps).rsqrt()
        scale = scale if self.weight is None else scale * self.weight
        output = input * over_positions(scale, input).to(input.dtype)
        return output if self.bias is None else output + over_positions(self.bias, input).to(input)


class VarianceOnlyBatchNorm1d(VarianceOnlyBatchNorm):
    """Divide by the batch's deviation, for inputs (N, C) or (N, C, L).

    The deviation is that around the batch's mean, which is not taken off (Luo et al. 2019, Sec. 5).
    The kernel in front may be weight-normalized; its length does not matter then.

    Parameters
    ----------
    num_features : int
        C.
    eps : float, default 1e-5
    momentum : float or None, default 0.1
        Of the running averages; evaluation mode divides by that of the variance.
    affine : bool, default True
        Whether there are gamma and beta, ``weight`` and ``bias``.
    track_running_stats : bool, default True
        Without, evaluation mode divides by the batch's deviation, too.
    device, dtype
        As in torch.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import VarianceOnlyBatchNorm1d
    >>> layer = VarianceOnlyBatchNorm1d(3, affine=False)
    >>> round(float(layer(torch.randn(50, 3)).var(correction=0, dim=0).mean()), 3)
    1.0
    """

    BATCH_NORM = BatchNorm1d


class VarianceOnlyBatchNorm2d(VarianceOnlyBatchNorm):
    """Divide by the batch's deviation, for inputs (N, C, H, W).

    See :class:`VarianceOnlyBatchNorm1d`; the deviation is over the samples and the positions.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype
        As there.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import VarianceOnlyBatchNorm2d
    >>> VarianceOnlyBatchNorm2d(3)(torch.randn(8, 3, 5, 5)).shape
    torch.Size([8, 3, 5, 5])
    """

    BATCH_NORM = BatchNorm2d


def _all_but_channels(input: Tensor) -> list[int]:
    return [axis for axis in range(input.ndim) if axis != 1]


def _wide(input: Tensor) -> torch.dtype:
    """Return a type that adds many values without loss."""
    return torch.promote_types(input.dtype, torch.float32)
