"""What the noise of one layer adds to the loss of each sample, to order 1/M.

The output of batch normalization is gamma (z - m)/sqrt(v) + beta with m = (mu_B - mu)/sigma and
v = (sigma_B^2 + eps)/sigma^2.  To second order in the noise it is that of population normalization
with a shift and a scale,

    b = gamma (-m + m u/2),    g = gamma (-u/2 + m^2/2 + 3 u^2/8),    u = v + m^2 - 1,

and m and u are the averages over the batch of a_n and of q_n - E[z^2]:

    M E[m^2] = V_m,   M E[u^2] = V_q,   M E[m u] = C,
    M E[m | n] = a_n,   M E[u | n] = q_n - E[z^2].

The squares of b and g meet the second derivatives of the loss: the terms in V_m and V_q are those
of Luo et al. 2019, App. C.4, the one in C is not in the paper.  Their means meet the first
derivatives, because sigma_B is biased and a sample is a member of its own batch; neither is this
in the paper.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from bntheory.nn.averages import Average
from bntheory.nn.curvature import Derivatives, Weights
from bntheory.nn.moments import Moments, of_sample
from bntheory.nn.normalization import NotFinite

Averages = defaultdict[str, Average]


def _averages() -> Averages:
    return defaultdict(Average)


def coefficients(slopes: Derivatives, moments: Moments) -> dict[str, Tensor]:
    """Return the coefficients of gamma^2/M of each sample and channel, of shape (n, C)."""
    from_mean = moments.V_m / 2 * slopes.bb
    from_std = moments.V_q / 8 * slopes.gg
    return {
        "from_mean": from_mean,
        "from_std": from_std,
        "from_skewness": moments.C / 2 * slopes.bg,
        "zeta": from_mean + from_std,
    }


def losses(
    zeta: Mapping[str, Tensor], slopes: Derivatives, moments: Moments, z: Tensor
) -> dict[str, Tensor]:
    """Return what is added to the loss, times M, of each sample and channel, of shape (n, C)."""
    of_shift, of_scale = _membership(moments, z)
    squared = {name: moments.gamma**2 * value for name, value in zeta.items()}
    membership = moments.gamma * (of_shift * slopes.b + of_scale * slopes.g)
    return {
        "loss_from_mean": squared["from_mean"],
        "loss_from_std": squared["from_std"],
        "loss_from_skewness": squared["from_skewness"],
        "loss_from_membership": membership,
        "loss_increase": squared["zeta"],
        "loss_increase_own_batch": squared["zeta"] + squared["from_skewness"] + membership,
    }


def weights(moments: Moments) -> Weights:
    """Return what the third derivatives are weighted with, as the second ones are above."""
    return moments.V_m / 2, moments.C / 2, moments.V_q / 8


def pull(zeta: Mapping[str, Tensor], slopes: Derivatives, moments: Moments, z: Tensor) -> Tensor:
    """Return the slope in gamma of what is added to the loss, times M, of shape (n, C).

    With gamma the output grows by z, as it does with g; the moments, of what is standardized, stay.
    """
    of_shift, of_scale = _membership(moments, z)
    gamma = moments.gamma
    from_squares = 2 * gamma * (zeta["zeta"] + zeta["from_skewness"]) + gamma**2 * slopes.third
    membership = of_shift * slopes.b + of_scale * slopes.g
    return from_squares + membership + gamma * (of_shift * slopes.bg + of_scale * slopes.gg)


def _membership(moments: Moments, z: Tensor) -> tuple[Tensor, Tensor]:
    """Return M E[b]/gamma and M E[g]/gamma given the sample, of shape (n, C)."""
    a, q = of_sample(z)
    V_m, V_q, C = moments.V_m, moments.V_q, moments.C
    return C / 2 - a, 3 * V_q / 8 + (moments.square + V_m - q) / 2


@dataclass
class Contributions:
    """Averages over the samples, times M: for each channel, for each layer, and for the model.

    The model has its loss under population normalization, ``population_loss``, besides.
    """

    units: dict[str, Averages] = field(default_factory=lambda: defaultdict(_averages))
    layers: dict[str, Averages] = field(default_factory=lambda: defaultdict(_averages))
    total: Averages = field(default_factory=_averages)

    def add(
        self,
        loss: Tensor,
        slopes: Mapping[str, Derivatives],
        moments: Mapping[str, Moments],
        z: Mapping[str, Tensor],
        pulls: bool,
    ) -> None:
        """Take in the samples of a batch; with ``pulls``, the slopes in gamma, too.

        Raises
        ------
        NotFinite
            If a derivative is not.
        """
        total: dict[str, Tensor] = {}
        for name, of_layer in slopes.items():
            zeta = coefficients(of_layer, moments[name])
            added = losses(zeta, of_layer, moments[name], z[name])
            if not torch.stack(list(added.values())).isfinite().all():
                raise NotFinite(f"a derivative of the loss at layer {name!r} is not finite")
            slope = {"pull": pull(zeta, of_layer, moments[name], z[name])} if pulls else {}
            for term, values in (zeta | added | slope).items():
                self.units[name][term].add(values)
            for term, values in added.items():
                self.layers[name][term].add(values.sum(1))
                total[term] = values.sum(1).to(loss.device) + total.get(term, 0.0)
        for term, values in total.items():
            self.total[term].add(values)
        self.total["population_loss"].add(loss.expand(len(values)))
