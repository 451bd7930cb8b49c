"""On a GPU: the same numbers, and its random generator put back."""

from __future__ import annotations

import pytest
import torch
from small import build, convolutional, in_batches, samples, squared_error

from bntheory.nn import gamma_decay

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_the_same_as_on_the_cpu() -> None:
    loader = in_batches(*samples(6, 1, 4, 4), 4)
    cpu = gamma_decay(build(convolutional), loader, squared_error, probes=2)
    model = build(convolutional).cuda()
    before = torch.cuda.get_rng_state()
    gpu = gamma_decay(model, loader, squared_error, probes=2)
    assert torch.equal(before, torch.cuda.get_rng_state())
    for term in ("zeta", "zeta_own_batch", "loss_from_membership", "excess_kurtosis"):
        assert gpu.units[term].values == pytest.approx(cpu.units[term].values, rel=1e-6)
