"""Quadrature over a batch and one of its members, against batches that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bntheory.formulas import regularizer
from validation import members
from validation.models import SOFTPLUS


@pytest.mark.parametrize("M", [4, 7, 64])
def test_averages_are_those_of_drawn_batches(M: int) -> None:
    """Within five standard errors of 2^16 batches; each function sees both of t and z."""
    z = np.random.default_rng(M).standard_normal((2**16, M))
    t = (z[:, 0] - z.mean(1)) / z.std(1)
    for f in (
        lambda t, z: t * z,
        lambda t, z: M * (t - z) ** 2,
        lambda t, z: torch.exp(0.5 * t - 0.3 * z),
        lambda t, z: torch.tanh(t + 0.5) * torch.sigmoid(z - 0.2),
    ):
        seen = f(torch.from_numpy(t), torch.from_numpy(z[:, 0].copy())).numpy()
        error = seen.std() / len(seen) ** 0.5
        assert members.average(M, f) == pytest.approx(seen.mean(), abs=5 * error)


def test_the_member_and_the_batch_have_their_second_moments() -> None:
    for M in (4, 30, 1024):
        assert members.average(M, lambda t, z: t**2) == pytest.approx(1, rel=1e-7)
        assert members.average(M, lambda t, z: z**2) == pytest.approx(1, rel=1e-7)


def test_the_series_of_what_a_batch_adds_leaves_a_third_order() -> None:
    """That of ``own-batch-gaussian``, which is derived without any quadrature, ends at 1/M^2."""
    loss, rest = SOFTPLUS.loss(), []

    def series(z: torch.Tensor, M: int) -> torch.Tensor:
        h = SOFTPLUS.h_bar(z)
        bend, third = SOFTPLUS.curvature(h), SOFTPLUS.third(h)
        derivatives = SOFTPLUS.slope(h, z), bend, third, third * (1 - 2 * bend)
        return torch.as_tensor(
            regularizer.own_batch_excess_gaussian(SOFTPLUS.gamma, z, M, *derivatives)
        )

    for M in (32, 64, 128):
        whole = members.average(M, lambda t, z: loss.value(SOFTPLUS.h_bar(t), z))
        ended = members.average(M, lambda t, z, M=M: series(z, M))
        rest.append(M**3 * (whole - ended))
        assert abs(whole - ended) < 0.01 / M * whole
    assert rest == pytest.approx([rest[-1]] * 3, rel=0.2)
