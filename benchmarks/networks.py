"""``python benchmarks/networks.py [--data DIR] [--device cuda]``: images a second of ResNet-18.

The same network and batch size by turns: in plain PyTorch, with its batch normalization; by the
loop of the experiments with batch normalization; with population normalization; and with gamma
decay, refreshed as often as the recipe says.  The ratio is that of the shortest times to plain
PyTorch's; the target is 1.5.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from bntheory.experiments.building import plain
from bntheory.experiments.images import read
from bntheory.experiments.job import Job
from bntheory.experiments.large_batches import methods
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import Machine, machine
from bntheory.experiments.recipe import RECIPES


def by_hand(job: Job, images: Any, here: Machine) -> Callable[[], None]:
    """Return an epoch in plain PyTorch: the same network, steps and images."""
    twin = Learner(job, images, here)
    first = twin._standard(twin._images[:2])
    width = job.recipe.widths[job.kind]
    network: Any = plain(job.kind, first, images.classes, width, job.seed)
    network = network.to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)

    def epoch() -> None:
        twin.begin(1)
        for index in twin.batches(1):
            inputs = twin._standard(twin._shifted(twin._images[index], twin._shifts))
            with here.precision():
                scores = network(inputs)
            loss = cross_entropy(scores.float(), twin._labels[index])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()

    return epoch


def ours(job: Job, images: Any, here: Machine) -> Callable[[], None]:
    """Return an epoch of the experiments."""
    learner = Learner(job, images, here)

    def epoch() -> None:
        learner.begin(1)
        for index in learner.batches(1):
            learner.step(index, 0.5)

    return epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--width", type=int)
    parser.add_argument("--images", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    images = read(arguments.data)
    if arguments.images is not None:
        images = images.first(arguments.images)
    recipe = RECIPES[images.id].of_width(arguments.width)
    with machine(arguments.device) as here:
        known = [method for method in methods(recipe) if method.batch == recipe.large]
        jobs = [
            Job("benchmark", "resnet18", method, replace(recipe), 1, 0, None, None, here.device,
                Path())
            for method in known
        ]  # fmt: skip
        epochs = {"plain PyTorch": by_hand(jobs[0], images, here)}
        epochs |= {job.method.label: ours(job, images, here) for job in jobs}
        seconds: dict[str, list[float]] = {name: [] for name in epochs}
        for _ in range(1 + arguments.rounds):  # the first one warms up
            for name, epoch in epochs.items():
                started = perf_counter()
                epoch()
                if here.half:
                    torch.cuda.synchronize()
                seconds[name].append(perf_counter() - started)
        steps = len(images.train) // recipe.large
        best = {name: min(times[1:]) for name, times in seconds.items()}
        rows = {
            name: {
                "images_per_second": steps * recipe.large / value,
                "ratio": value / best["plain PyTorch"],
            }
            for name, value in best.items()
        }
        print(f"{here.name}; {images.name}; M = {recipe.large}")
        for name, row in rows.items():
            print(f"{name:<28} {row['images_per_second']:>10,.0f} images/s  {row['ratio']:.2f}")
        if arguments.json:
            found = {"machine": here.name, "data": images.name, "rows": rows}
            arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
