"""The gamma decay of a user's own model, measured from its data and its loss."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from torch import Tensor

from bntheory.nn import arguments, moments, populations
from bntheory.nn.batches import Batches
from bntheory.nn.contributions import Contributions
from bntheory.nn.contributions import weights as of_third
from bntheory.nn.curvature import derivatives, noisy_forward
from bntheory.nn.losses import loss_of_batch
from bntheory.nn.normalization import find_layers
from bntheory.nn.result import MeasuredDecay
from bntheory.nn.state import evaluating, random_state


def gamma_decay(
    model: torch.nn.Module,
    loader: Iterable[tuple[Tensor, Any]],
    loss: Callable[[Any, Any], Tensor],
    *,
    batch_size: int | None = None,
    probes: int = 16,
    pulls: bool = False,
    statistics: Literal["data", "running"] = "data",
    device: torch.device | str | None = None,
    seed: int = 0,
) -> MeasuredDecay:
    """Measure what batch normalization adds to the loss of a model, to order 1/M.

    Compared are batch normalization, on batches of M samples drawn at random from the data, and
    population normalization, which subtracts the mean of all data and divides by their deviation.
    Each channel adds gamma^2 zeta to the loss.  ``zeta`` is the paper's; ``zeta_own_batch`` has two
    terms more, and is all that one channel adds.

    The model is left as it was found, as are the random generators; it runs in evaluation mode, so
    without dropout.

    Parameters
    ----------
    model : torch.nn.Module
        With layers of batch normalization (``BatchNorm1d``, ``2d``, ``3d``, ``SyncBatchNorm`` or
        classes derived from them), each reached once in a forward pass.  A compiled model is
        measured as it was before ``torch.compile``.
    loader : iterable of (input, target)
        A list or a ``DataLoader``, to be read several times; the data are the population, and
        batches of M are taken to be drawn from them with replacement.  Without, as a loader that
        shuffles draws them, the noise is weaker by the factor 1 - M/N for N samples.  The
        input is a tensor whose first axis runs over the samples; the target is what ``loss`` takes.
    loss : callable
        ``loss(output, target)``, a scalar tensor: the average over the samples of the batch.
    batch_size : int, optional
        M, at least 2; without it, the number of samples in the first batch.
    probes : int, default 16
        Random vectors for each sample, that estimate the diagonal of the Hessian in layers of more
        channels; layers of at most that many are done exactly, a channel at a time.
    pulls : bool, default False
        Whether the slope in gamma of what is added to the loss is measured, too; it takes third
        derivatives of the loss, and half as long again.
    statistics : {"data", "running"}, default "data"
        What population normalization normalizes by.  ``data`` is what the theory speaks of, and
        needs no running averages, which lag behind the weights; it takes a pass through part of
        the model for each layer, which is little beside the 2 ``probes`` products with the
        Hessian.  ``running`` takes the derivatives at the model as ``eval()`` would have it, with
        one pass for all layers; the moments remain those of the data.
    device : torch.device or str, optional
        Where the data are moved; without it, to the model's first parameter.
    seed : int, default 0
        For the probes and, in front of each pass, for the generators of torch, NumPy and Python, so
        that a loader that shuffles gives the same samples each time; 0 <= seed < 2**32.

    Returns
    -------
    MeasuredDecay
        All terms with standard errors, for each channel, each layer and the model.

    Raises
    ------
    TypeError, ValueError
        If an argument, a batch, the model or the loss is not as described; in one line.

    Notes
    -----
    Luo et al. 2019, App. C.4, for any twice differentiable loss and for convolutions, where mean
    and deviation are taken over samples and positions.  With the moments of
    :mod:`bntheory.nn.moments` and derivatives with respect to a shift b and a scale g of a
    channel's output, averaged over the samples n,

    - ``from_mean`` = V_m/(2M) <d2l/db2>
    - ``from_std`` = V_q/(8M) <d2l/dg2>
    - ``from_skewness`` = C/(2M) <d2l/db dg>
    - ``from_membership`` = <(C/2 - a_n) dl/db + (3 V_q/8 + (E[z^2] + V_m - q_n)/2) dl/dg>/(M gamma)
    - ``zeta`` = ``from_mean`` + ``from_std``; ``zeta_own_batch`` is the sum of all four.

    Each channel is taken by itself, as if all others had the statistics of the population.  What
    channels add together is of order 1/M too, and is left out, as it is in the paper.  Within a
    layer it vanishes where channels are independent; between layers it does not, as a layer removes
    part of the noise of those below.  The sum over a deep model can therefore exceed what
    training on batches adds by a factor of two.

    ``pull`` is the slope of gamma^2 ``zeta_own_batch`` in gamma: -``pull`` is the force of batch
    normalization on gamma, where a decay zeta exerts -2 zeta gamma.  That zeta_own_batch depends on
    gamma counts in it; for a linear student it halves the decay.

    At a kink, as ReLU has, the second derivative counts as zero.  Samples must not interact in
    evaluation mode.  A standard error tells how far an average may be off, the samples being
    independent draws from a larger population, and the probes random; V_m, V_q and C are taken as
    exact.

    Examples
    --------
    >>> import torch
    >>> from bntheory.nn import gamma_decay
    >>> _ = torch.manual_seed(0)
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
    >>> data = [(torch.randn(64, 4), torch.randn(64, 3))]
    >>> measured = gamma_decay(model, data, torch.nn.functional.mse_loss, batch_size=16)
    >>> bool((measured.units["zeta"] > 0).all())
    True
    """
    arguments.usable_model(model)
    model = getattr(model, "_orig_mod", model)
    layers = find_layers(model)
    arguments.repeatable(loader)
    if not callable(loss):
        raise TypeError(f"loss is of type {type(loss).__name__} and cannot be called")
    probes = arguments.whole_number("probes", probes, 1)
    seed = arguments.whole_number("seed", seed, 0, 2**32 - 1)
    arguments.known_statistics(statistics)
    place = arguments.place_of(model, device)
    if batch_size is not None:
        batch_size = arguments.whole_number("batch_size", batch_size, 2)
    embeds = any(isinstance(part, torch.nn.Embedding) for part in model.modules())
    with random_state(loader) as random, evaluating(model), torch.inference_mode(False):
        batches = Batches(loader, place, random, seed, integers=embeds)
        if statistics == "data":
            normalizing = seen = populations.of_data(model, layers, batches)
        else:
            normalizing = populations.running(layers)
            seen = populations.of_data_behind(model, layers, batches, normalizing)
        if batch_size is None:
            batch_size = arguments.whole_number("batch_size", batches.first, 2)
        moments_of = moments.of_layers(model, layers, batches, normalizing, seen)
        contributions = Contributions()
        weights = {name: of_third(layer) for name, layer in moments_of.items()} if pulls else None
        generator = torch.Generator().manual_seed(seed)
        for inputs, targets in batches:
            with torch.enable_grad():
                output, noise, z = noisy_forward(model, layers, inputs, normalizing, seen)
                value = loss_of_batch(loss, output, targets)
                slopes = derivatives(value * len(inputs), noise, probes, generator, weights)
            contributions.add(value, slopes, moments_of, z, pulls)
    return MeasuredDecay.of(
        contributions,
        moments_of,
        batch_size,
        samples=batches.samples,
        statistics=statistics,
        probes=probes,
        seed=seed,
    )
