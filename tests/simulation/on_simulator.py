"""Kernels in numba's simulator of CUDA: cases as JSON on stdin, what comes of them on stdout.

It has to be asked for before numba is imported, hence in a process of its own.  Blocks have one
thread: the simulator has no warps.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

import numpy as np
from numba import cuda

from bntheory.simulation.gpu import chain, device, networks
from bntheory.simulation.process import Process


def of_chain(given: dict[str, Any]) -> Any:
    chain.OF_REPLICA = 7  # several launches from one time to the next
    return chain.order_parameters(Process.of(**given)).tolist()


def of_networks(
    given: dict[str, Any], seed: int, dtype: str, kept: bool, times: list[int], start: list[Any]
) -> Any:
    networks.THREADS, networks.TILE, networks.KEPT = 1, 2, 2**15 * kept
    trained = networks.Networks(Process.of(**given), seed, dtype)
    arrays = [cuda.to_device(np.array(values, dtype)) for values in start]
    for until in times:
        trained.advance(until, *arrays)
    return [array.copy_to_host().tolist() for array in arrays[1:]]


def main() -> None:
    device.of_each_thread = lambda: device.OF_THREAD  # it has no memory, either
    do = {"chain": of_chain, "networks": of_networks}
    json.dump([do[kind](**given) for kind, given in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
