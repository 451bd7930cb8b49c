"""What one run of a simulation is given: seed, device, size."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import torch

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

    def generator(self, name: str) -> torch.Generator:
        """Return a generator of random numbers of its own for each name."""
        digest = blake2b(f"{self.seed} {name}".encode(), digest_size=8).digest()
        seed = int.from_bytes(digest, "big") >> 1
        return torch.Generator(self.device).manual_seed(seed)
