"""The GPU as numba sees it: whether there is one, what it holds, and how kernels are launched."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

#: The bytes that CUDA lets a thread have of its own, and a block of threads share.
OF_THREAD, OF_BLOCK = 512 * 2**10, 48 * 2**10


class NoCuda(ValueError):
    """There is no CUDA of numba's; the message says in one line what would help."""


def require() -> None:
    """Raise :class:`NoCuda` where there is none."""
    try:
        from numba import cuda
    except ImportError:
        reason = "which is not installed"
    else:
        if cuda.is_available():
            return
        reason = "which finds no driver or no NVVM here"
    raise NoCuda(
        f"device 'cuda' needs numba's CUDA, {reason}: pip install 'bntheory[cuda]' would do"
    )


def of_each_thread() -> int:
    """Return how many bytes of its own a thread can have.

    CUDA sets them aside for as many threads as can be resident, however many there are.
    """
    import torch

    about = torch.cuda.get_device_properties("cuda")
    resident = about.multi_processor_count * about.max_threads_per_multi_processor
    return min(OF_THREAD, int(torch.cuda.mem_get_info()[0]) // resident)


def fits(name: str, value: int, size: int) -> None:
    """Refuse an argument by which the threads' own memory grows to more bytes than there are.

    Raises
    ------
    ValueError
        Naming how large it may be.
    """
    most = of_each_thread()
    if size > most:
        raise ValueError(
            f"{name} = {value} needs {size} bytes in each thread of the GPU, which can have {most}:"
            f" {name} = {value * most // size} would fit"
        )


def kernel(registers: int) -> Callable[..., Any]:
    """Return the decorator of kernels, with at most so many registers a thread."""
    from numba import cuda
    from numba.core import config

    simulated = config.ENABLE_CUDASIM  # and knows no registers
    return cuda.jit if simulated else cuda.jit(max_registers=registers)


def launch(kernel: Any, blocks: int, threads: int, *arguments: Any) -> None:
    """Launch a kernel and wait for it; that a grid is small is no concern of the user's."""
    from numba import cuda

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*Grid size .* low occupancy")
        kernel[blocks, threads](*arguments)
    cuda.synchronize()


def parts(steps: int, most: int) -> list[int]:
    """Return how many steps to make in each of several launches."""
    whole, rest = divmod(steps, max(1, most))
    return [max(1, most)] * whole + [rest] * (rest > 0)
