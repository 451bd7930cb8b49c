"""Dropout behind batch normalization."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import BatchNorm1d, BatchNorm2d
from torch.nn.functional import dropout
from torch.nn.modules.batchnorm import _BatchNorm

from bntheory.nn.conversion import Converting


class BatchNormDropout(Converting):
    """What the two kinds of batch normalization with dropout have in common.

    Given to :func:`bntheory.nn.replace_batchnorm`, it stands for the one that fits.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        p: float = 0.1,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p = {p:g} is outside its domain, 0 <= p <= 1")
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device=device, dtype=dtype
        )
        self.p = p

    @classmethod
    def options(cls, layer: _BatchNorm) -> dict[str, Any]:
        """Return the arguments that make a layer like another one."""
        names = ("eps", "momentum", "affine", "track_running_stats")
        return {name: getattr(layer, name) for name in names}

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input, of which a part p is zero in training."""
        return dropout(super().forward(input), self.p, self.training)

    def extra_repr(self) -> str:
        """Return the arguments, as torch shows them."""
        return f"{super().extra_repr()}, p={self.p}"


class BatchNormDropout1d(BatchNormDropout, BatchNorm1d):
    """Batch normalization, then dropout, for inputs (N, C) or (N, C, L).

    What the paper puts in place of gamma decay at large M (Luo et al. 2019, Sec. 5 and App. B.3).
    Parameters and buffers are those of ``torch.nn.BatchNorm1d``.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype
        As in torch.
    p : float, default 0.1
        How likely it is that a value is zeroed; the others are divided by 1 - p.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import BatchNormDropout1d
    >>> BatchNormDropout1d(3, p=0.2)(torch.ones(8, 3)).shape
    torch.Size([8, 3])
    """

    BATCH_NORM = BatchNorm1d


class BatchNormDropout2d(BatchNormDropout, BatchNorm2d):
    """Batch normalization, then dropout, for inputs (N, C, H, W).

    See :class:`BatchNormDropout1d`; single values are zeroed, not whole channels.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, p, device, dtype
        As there.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import BatchNormDropout2d
    >>> BatchNormDropout2d(3, p=0.1)(torch.randn(8, 3, 5, 5)).shape
    torch.Size([8, 3, 5, 5])
    """

    BATCH_NORM = BatchNorm2d
