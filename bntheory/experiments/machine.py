"""The device, its number format, and the processes that share a training."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import torch
import torch.utils.deterministic


@dataclass(frozen=True)
class Machine:
    """Where a training runs.

    Attributes
    ----------
    device : str
        As torch has it.
    rank, processes : int
        Which process this is, and of how many; each takes M images of a step.
    """

    device: str
    rank: int = 0
    processes: int = 1

    @property
    def half(self) -> bool:
        """Whether matrices are multiplied in bfloat16."""
        return self.device.startswith("cuda") and torch.cuda.is_bf16_supported()

    @property
    def name(self) -> str:
        """What it is."""
        if self.device.startswith("cuda"):
            return torch.cuda.get_device_name(self.device)
        return "cpu"

    def precision(self) -> Any:
        """Return the context in which networks are evaluated."""
        return torch.autocast("cuda", torch.bfloat16) if self.half else nullcontext()

    def agreed(self, value: int) -> int:
        """Return the value of the first process."""
        if self.processes == 1:
            return value
        shared = torch.tensor(value, device=self.device)
        torch.distributed.broadcast(shared, 0)
        return int(shared)

    def generator(self, *names: Any) -> torch.Generator:
        """Return a generator on the device, of its own for each list of names."""
        return torch.Generator(self.device).manual_seed(number(*names))


def number(*names: Any) -> int:
    """Return a seed of its own for each list of names."""
    digest = blake2b(" ".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def launched() -> bool:
    """Whether ``torchrun`` has started several processes, of which this is one."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def keep_memory() -> None:
    """Let this process keep the memory of tensors that are gone, for those of the next step.

    glibc gives large pieces back and gets them anew, which costs a third of a training's time.
    """
    allocator = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if allocator is not None:
        for threshold in (-1, -3):  # of trimming, and of pieces that are mapped: malloc.h
            allocator(threshold, 2**31 - 1)


@contextmanager
def machine(device: str) -> Iterator[Machine]:
    """Give the machine, with its processes joined if there are several, and deterministic.

    Parameters
    ----------
    device : {"cpu", "cuda"}
        One GPU for each process.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS repeats itself with it
    filling: Any = torch.utils.deterministic
    before = (
        torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark,
        filling.fill_uninitialized_memory,
    )  # fmt: skip
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    filling.fill_uninitialized_memory = False  # nothing reads it
    joined = False
    try:
        if launched():
            torch.distributed.init_process_group("nccl" if device == "cuda" else "gloo")
            joined = True
            rank, processes = torch.distributed.get_rank(), torch.distributed.get_world_size()
            if device == "cuda":
                local = int(os.environ["LOCAL_RANK"])
                torch.cuda.set_device(local)
                device = f"cuda:{local}"
            yield Machine(device, rank, processes)
        else:
            yield Machine(device)
    finally:
        torch.use_deterministic_algorithms(before[0])
        torch.backends.cudnn.benchmark = before[1]
        filling.fill_uninitialized_memory = before[2]
        if joined:
            torch.distributed.destroy_process_group()
