"""Threads side by side, each with its own share of what is simulated."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch


@contextmanager
def workers(device: str) -> Iterator[ThreadPoolExecutor]:
    """Work on as many chunks at once as PyTorch has threads, on each of them with one thread.

    Threads that share a chunk wait for each other, and draw its random numbers one after another.
    """
    threads = torch.get_num_threads()
    # glibc hands freed memory back, to fault it in again, until a larger block was freed
    torch.empty(30 * 2**20, dtype=torch.uint8)
    try:
        with ThreadPoolExecutor(
            threads if device == "cpu" else 1, initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            yield pool
    finally:
        torch.set_num_threads(threads)
