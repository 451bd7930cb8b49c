"""From a method to its network; all networks of a seed begin as the same function."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from bntheory.experiments.method import Method
from bntheory.experiments.networks import Block, ConvNet, ResNet18
from bntheory.experiments.recipe import Recipe
from bntheory.nn import (
    BatchNormDropout2d,
    MeanOnlyBatchNorm2d,
    MergedNorm,
    PopulationNorm2d,
    VarianceOnlyBatchNorm2d,
    merge,
    refresh_population,
)

#: When a population is stale, in standard errors of a batch.
GUARD = 4.0

Kind = Literal["resnet18", "convnet"]


def plain(kind: Kind, images: Tensor, classes: int, width: int, seed: int) -> nn.Module:
    """Return the paper's network with batch normalization, on the device of the images."""
    colours, size = images.shape[1], images.shape[2]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**64)
        network: nn.Module = (
            ResNet18(colours, classes, width)
            if kind == "resnet18"
            else ConvNet(colours, classes, size, width)
        )
    return network.to(images.device)


def build(
    kind: Kind, method: Method, recipe: Recipe, images: Tensor, classes: int, seed: int
) -> nn.Module:
    """Return the network of a method.

    Normalization by the population of some images is merged into the kernels of the plain network,
    and the method's layers are put behind them.  So every network begins with outputs of mean 0
    and deviation 1 behind each kernel, as a weight-normalized network is meant to (Salimans and
    Kingma 2016), and with the same kernels.

    Parameters
    ----------
    kind : {"resnet18", "convnet"}
        The plain network.
    method : Method
        How it is normalized.
    recipe : Recipe
        With the width of the network, and how populations follow the batches.
    images : Tensor
        As the network gets them; a few hundred.
    classes, seed : int
        Of the plain network, and of its first weights.
    """
    network = plain(kind, images, classes, recipe.widths[kind], seed)
    refresh_population(network, images)
    merge(network, images[:2])
    merged = [(n, m) for n, m in network.named_modules() if isinstance(m, MergedNorm)]
    ends = {f"{n}.norm2" for n, m in network.named_modules() if isinstance(m, Block)}
    for index, (name, layer) in enumerate(merged):
        kernel: Any = network.get_submodule(layer.kernel)
        normalized = method.layer in (None, index)
        drops = method.dropout if name in ends else 0.0
        norm = _layer(method, recipe, len(layer.mean), drops) if normalized else nn.Identity()
        parent, _, own = name.rpartition(".")
        network.get_submodule(parent)._modules[own] = norm.to(images.device)
        if normalized and method.norm in ("bn", "pn", "mean-only"):
            kernel.bias = None  # it takes the mean off
        if method.norm in ("wn", "mean-only", "variance-only"):
            weight_norm(kernel)
    return network


def _layer(method: Method, recipe: Recipe, channels: int, drops: float) -> nn.Module:
    if method.norm == "bn" and drops:
        return BatchNormDropout2d(channels, p=drops)
    if method.norm == "bn":
        return nn.BatchNorm2d(channels)
    if method.norm == "pn":
        # an average of batches that is as good as one of so many images
        momentum = 2 * method.batch / (recipe.follow + method.batch)
        return PopulationNorm2d(channels, momentum=min(momentum, 0.5), guard=GUARD)
    if method.norm == "mean-only":
        return MeanOnlyBatchNorm2d(channels)
    if method.norm == "variance-only":
        return VarianceOnlyBatchNorm2d(channels)
    return nn.Dropout(drops) if drops else nn.Identity()
