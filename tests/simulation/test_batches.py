"""Batches against NumPy: what BatchNorm1d does, done by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bntheory.simulation import LAWS, Layer, Run

GAMMA, BETA = 1.3, -0.4


def by_hand(layer: Layer, seed: int, batches: int) -> dict[str, np.ndarray]:
    """Normalize the same hidden values in NumPy."""
    law = layer.law
    h = law.sample(Run(seed).generator("x"), (layer.M, batches)).numpy()
    mean = h.mean(0) if layer.kind != "std" else law.mean
    std = h.std(0) if layer.kind != "mean" else law.std
    return {
        "z": (h - law.mean) / law.std,
        "h_bar": layer.gamma * (h - law.mean) / law.std + layer.beta,
        "h_hat": layer.gamma * (h - mean) / std + layer.beta,
        "mean": (h.mean(0) - law.mean) / law.std,
        "std": h.std(0) / law.std,
    }


@pytest.mark.parametrize("kind", ["bn", "mean", "std"])
@pytest.mark.parametrize("name", sorted(set(LAWS) - {"relu_gaussian"}))
@pytest.mark.parametrize("M", [2, 7, 64])
def test_real_batch_normalization_is_that_of_the_paper(kind: str, name: str, M: int) -> None:
    layer = Layer(LAWS[name], M, GAMMA, BETA, kind)
    batch = layer.normalize(Run(3).generator("x"), 50)
    for field, expected in by_hand(layer, 3, 50).items():
        found = getattr(batch, field).numpy()
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_each_feature_is_a_batch_of_its_own() -> None:
    batch = Layer(LAWS["exponential"], 16, GAMMA, BETA).normalize(Run().generator("x"), 100)
    np.testing.assert_allclose(batch.h_hat.mean(0), BETA, atol=1e-12)
    np.testing.assert_allclose(batch.h_hat.std(0, unbiased=False), GAMMA, rtol=1e-12)


def test_a_batch_without_spread_is_mapped_to_beta() -> None:
    """Half of the values are 0, so of batches of 3 each eighth has no spread."""
    batch = Layer(LAWS["relu_gaussian"], 3, GAMMA, BETA).normalize(Run().generator("x"), 2000)
    flat = batch.std == 0
    assert 150 < int(flat.sum()) < 350
    assert bool((batch.h_hat[:, flat] == BETA).all()) and bool(batch.h_hat.isfinite().all())


def test_what_is_added_to_the_variance_is_below_rounding() -> None:
    layer = Layer(LAWS["gaussian"], 4, GAMMA, BETA)
    batch = layer.normalize(Run(3).generator("x"), 20_000)
    expected = by_hand(layer, 3, 20_000)
    narrow = np.argsort(expected["std"])[:20]
    assert expected["std"][narrow].max() < 0.1
    found = batch.h_hat.numpy()[:, narrow]
    np.testing.assert_allclose(found, expected["h_hat"][:, narrow], rtol=1e-12, atol=1e-12)


def test_single_precision() -> None:
    batch = Layer(LAWS["gaussian"], 8).normalize(Run().generator("x"), 9, torch.float32)
    assert batch.h_hat.dtype == batch.std.dtype == torch.float32


@pytest.mark.parametrize(
    ("given", "said"),
    [({"M": 1}, "M = 1 is outside its domain"), ({"M": 8, "kind": "layer"}, "kind = 'layer'")],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Layer(LAWS["gaussian"], **given)
