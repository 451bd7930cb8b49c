"""How much memory is free, and what fits into it: asked before it is allocated."""

from __future__ import annotations

import os
from collections.abc import Callable


def free(device: str) -> int:
    """Return the bytes of memory that are free on a device."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def require(
    name: str, size: int, needed: Callable[[int], float], device: str, what: str = ""
) -> None:
    """Refuse a size that needs more bytes than are free.

    Parameters
    ----------
    name : str
        Of the argument.
    size : int
        Its value.
    needed : callable
        The bytes that a size needs; increasing.
    device : {"cpu", "cuda"}
        Where.
    what : str
        What there is so much of, as the message has it after the value.

    Raises
    ------
    ValueError
        Naming the largest size that would fit.
    """
    room = free(device)
    if needed(size) <= room:
        return
    fits, too_large = 0, size
    while too_large - fits > 1:
        middle = (fits + too_large) // 2
        fits, too_large = (middle, too_large) if needed(middle) <= room else (fits, middle)
    raise ValueError(
        f"{name} = {size}{what} need {needed(size) / 1e9:.3g} GB, and {room / 1e9:.3g} GB are "
        f"free: {fits} would fit"
    )
