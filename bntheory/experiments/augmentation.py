"""Shifted and mirrored images, made where they are used."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad


def shifted(images: Tensor, generator: torch.Generator, by: int, flips: bool) -> Tensor:
    """Return each image shifted by up to ``by`` in both directions, and mirrored or not.

    Parameters
    ----------
    images : Tensor
        Of shape (n, colours, height, width); what is shifted in is zero.
    generator : torch.Generator
        On the device of the images.
    by : int
        Pixels.
    flips : bool
        Whether half of them are mirrored.

    Returns
    -------
    Tensor
        Of the same shape and type, on the same device.
    """
    n, colours, height, width = images.shape

    def drawn(high: int) -> Tensor:
        return torch.randint(high, (n, 1), generator=generator, device=images.device)

    rows = torch.arange(height, device=images.device) + drawn(2 * by + 1)
    columns = torch.arange(width, device=images.device)
    mirrored = drawn(2).bool() if flips else torch.zeros(n, 1, device=images.device).bool()
    columns = torch.where(mirrored, columns.flip(0), columns) + drawn(2 * by + 1)
    wide = pad(images, (by, by, by, by))
    sample = torch.arange(n, device=images.device)[:, None, None, None]
    channel = torch.arange(colours, device=images.device)[None, :, None, None]
    return wide[sample, channel, rows[:, None, :, None], columns[:, None, None, :]]
