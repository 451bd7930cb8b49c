"""Networks that begin as the same function, and images that are shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from small_recipe import RECIPE
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from bntheory import nn as ours
from bntheory.experiments.augmentation import shifted
from bntheory.experiments.building import build, plain
from bntheory.experiments.method import Method

NORMS = ["bn", "pn", "mean-only", "variance-only", "wn", "none"]


def images() -> Tensor:
    torch.manual_seed(0)
    return torch.randn(40, 3, 8, 8)


def network(norm: Any, kind: Any = "resnet18", **options: Any) -> nn.Module:
    method = Method("m", "m", 16, "k", norm=norm, **options)
    return build(kind, method, RECIPE.of_width(4), images(), 10, seed=3)


@pytest.mark.parametrize("kind", ["resnet18", "convnet"])
def test_all_begin_as_the_same_function(kind: Any) -> None:
    x = images()
    reference = plain(kind, x, 10, 4, seed=3).train()(x)
    for norm in NORMS:
        made = network(norm, kind).train()
        if norm == "pn":
            ours.refresh_population(made, x)
        torch.testing.assert_close(made(x), reference, rtol=1e-3, atol=1e-3)


def test_layers_and_kernels() -> None:
    kinds = {
        "bn": nn.BatchNorm2d, "pn": ours.PopulationNorm2d, "mean-only": ours.MeanOnlyBatchNorm2d,
        "variance-only": ours.VarianceOnlyBatchNorm2d, "wn": nn.Identity, "none": nn.Identity,
    }  # fmt: skip
    kernels = []
    for norm, kind in kinds.items():
        made: Any = network(norm)
        assert type(made.norm) is type(made.blocks[2].shortcut[1]) is kind
        assert is_parametrized(made.conv) == (norm in ("mean-only", "variance-only", "wn"))
        assert (made.conv.bias is None) == (norm in ("bn", "pn", "mean-only"))
        kernels.append(made.conv.weight.detach())
    for kernel in kernels:
        torch.testing.assert_close(kernel, kernels[0])
    assert sum(isinstance(m, nn.Conv2d) for m in made.modules()) == 20  # 17 and three shortcuts


def test_populations_follow_as_if_over_so_many_images() -> None:
    """The variance of an exponential average of batches is that of ``follow`` images."""
    a = network("pn").norm.momentum  # M = 16
    weights = a * (1 - a) ** torch.arange(1000).double()
    assert float(weights.square().sum()) / 16 == pytest.approx(1 / RECIPE.follow)


def test_dropout_and_single_layers() -> None:
    bn, wn = network("bn", dropout=0.1), network("wn", dropout=0.2)
    last = [f"blocks.{index}.norm2" for index in range(8)]
    for found, kind in ((bn, ours.BatchNormDropout2d), (wn, nn.Dropout)):
        assert [n for n, m in found.named_modules() if isinstance(m, kind)] == last
    assert bn.blocks[0].norm2.p == 0.1 and wn.blocks[7].norm2.p == 0.2
    one: Any = network("bn", "convnet", layer=2)
    kinds = [type(one[place]) for place in (1, 4, 7, 10)]
    assert kinds == [nn.Identity, nn.Identity, nn.BatchNorm2d, nn.Identity]
    assert one[6].bias is None and one[3].bias is not None


def test_the_network_of_appendix_b() -> None:
    made = plain("convnet", torch.ones(2, 3, 32, 32), 10, 32, seed=0)
    shapes = [tuple(m.weight.shape) for m in made if isinstance(m, nn.Conv2d | nn.Linear)]
    assert shapes == [
        (32, 3, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (512, 64 * 16 * 16),
        (10, 512),
    ]  # fmt: skip


def test_shifts() -> None:
    """Against a loop over images, shifts and mirror images."""
    torch.manual_seed(0)
    x = torch.randint(1, 255, (200, 2, 5, 6), dtype=torch.uint8)
    found = shifted(x, torch.Generator().manual_seed(1), 2, flips=True)
    assert found.dtype == torch.uint8 and found.shape == x.shape
    seen = set()
    for image, result in zip(x.numpy(), found.numpy(), strict=True):
        matches = []
        for flip in (False, True):
            wide = np.pad(image[:, :, ::-1] if flip else image, ((0, 0), (2, 2), (2, 2)))
            for row in range(5):
                for column in range(5):
                    if (wide[:, row : row + 5, column : column + 6] == result).all():
                        matches.append((flip, row, column))
        assert len(matches) == 1
        seen.update(matches)
    assert len({flip for flip, _, _ in seen}) == 2
    assert {row for _, row, _ in seen} == {column for _, _, column in seen} == set(range(5))
    same = shifted(x, torch.Generator().manual_seed(1), 2, flips=True)
    assert torch.equal(same, found)
    assert torch.equal(shifted(x, torch.Generator(), 0, flips=False), x)
