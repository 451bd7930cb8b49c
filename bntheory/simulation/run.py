"""What one run of a simulation is given: seed, device, size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import torch

from bntheory import memory

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True)
class Run:
    """One run of a simulation.

    Attributes
    ----------
    seed : int
        The same seed on the same device gives the same numbers.
    device : {"cpu", "cuda"}
    neurons : int or None
        The size of the networks; None for what each simulation takes of itself.

    Raises
    ------
    ValueError
        If there is no such device here, or the size is not positive.
    """

    seed: int = 2019
    device: str = "cpu"
    neurons: int | None = None

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise ValueError(f"no device {self.device!r}; the devices are {', '.join(DEVICES)}")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("device 'cuda' is not available here; 'cpu' is")
        if self.neurons is not None and self.neurons < 1:
            raise ValueError(f"neurons = {self.neurons} is outside its domain, 1 <= neurons")

    def size(self, usual: int, numbers: Callable[[int], float]) -> int:
        """Return the size of the networks, if there is memory for it.

        Parameters
        ----------
        usual : int
            The size that they have unless told.
        numbers : callable
            How many numbers of eight bytes a size needs at once; increasing.

        Raises
        ------
        ValueError
            Naming the size that would fit.
        """
        N = usual if self.neurons is None else self.neurons
        memory.require("neurons", N, lambda size: 8 * numbers(size), self.device)
        return N

    def generator(self, name: str) -> torch.Generator:
        """Return a generator of random numbers of its own for each name."""
        digest = blake2b(f"{self.seed} {name}".encode(), digest_size=8).digest()
        seed = int.from_bytes(digest, "big") >> 1
        return torch.Generator(self.device).manual_seed(seed)
