"""``python benchmarks/networks.py --data DIR [--device cuda]``: images a second of ResNet-18.

The same network and batch size by turns: in plain PyTorch, with its batch normalization; by the
loop of the experiments with batch normalization; with population normalization; and with gamma
decay.  A refresh of the populations and a measurement of the decay are timed by themselves, and
each step has the part of them that the recipe gives it on all images; with ``--images`` a refresh
takes so few, and counts for as many as the recipe's.  The ratio is that of the shortest times to
plain PyTorch's; the target is 1.5.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from bntheory.experiments.budget import FIRST, TIMED, seconds
from bntheory.experiments.building import plain
from bntheory.experiments.images import Images, read
from bntheory.experiments.job import Job
from bntheory.experiments.large_batches import methods
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import keep_memory, machine
from bntheory.experiments.recipe import RECIPES


def by_hand(twin: Learner, images: Images) -> float:
    """Return the seconds of a step in plain PyTorch, with the network and images of a twin."""
    job, here = twin.job, twin.machine
    width = job.recipe.widths[job.kind]
    network: Any = plain(job.kind, twin._sample(2), images.classes, width, job.seed)
    network = network.to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)

    def step(index: torch.Tensor) -> None:
        inputs = twin._standard(twin._shifted(twin._images[index], twin._shifts))
        with here.precision():
            scores = network(inputs)
        loss = cross_entropy(scores.float(), twin._labels[index])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return a_step(twin, step)


def ours(learner: Learner, all_images: int) -> float:
    """Return the seconds of a step of the experiments, with its part of what is refreshed."""
    schedules, learner.schedules = learner.schedules, {}
    found = a_step(learner, lambda index: learner.step(index, 0.0))
    learner.schedules = schedules
    sample, count = learner.job.recipe.sample, len(learner._images)
    for name, schedule in schedules.items():
        for_all = sample / min(sample, count) if name == "population" else 1.0
        steps = schedule.every * all_images / count
        found += for_all * seconds(learner.machine, schedule.action) / steps
    return found


def a_step(learner: Learner, step: Callable[[torch.Tensor], object]) -> float:
    """Return the seconds of a step with a learner's images."""
    learner.begin(0)
    order = [index for index, _ in zip(learner.batches(0), range(FIRST + TIMED), strict=False)]
    for index in order[:FIRST]:
        step(index)
    timed = order[FIRST:]
    return seconds(learner.machine, lambda: [step(index) for index in timed]) / len(timed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--width", type=int)
    parser.add_argument("--batch", type=int, help="M; the recipe's larger one")
    parser.add_argument("--images", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    images = read(arguments.data)
    all_images = len(images.train)
    if arguments.images is not None:
        images = images.first(arguments.images)
    recipe = RECIPES[images.id].of_width(arguments.width)
    batch = arguments.batch or recipe.large
    keep_memory()
    with machine(arguments.device) as here:
        jobs = [
            Job("benchmark", "resnet18", replace(method, batch=batch), recipe, 1, 0, None, None,
                here.device, Path())
            for method in methods(recipe)
            if method.batch == recipe.large
        ]  # fmt: skip
        learners = [Learner(job, images, here) for job in jobs]
        steps: dict[str, Callable[[], float]] = {
            "plain PyTorch": partial(by_hand, learners[0], images)
        }
        for learner in learners:
            name = learner.job.method.label.partition(", M")[0]
            steps[name] = partial(ours, learner, all_images)
        rounds = [{name: step() for name, step in steps.items()} for _ in range(arguments.rounds)]
        best = {name: min(times[name] for times in rounds) for name in steps}
        rows = {
            name: {
                "images_per_second": batch / value,
                "ratio": value / best["plain PyTorch"],
            }
            for name, value in best.items()
        }
        width = recipe.widths["resnet18"]
        print(f"{here.name}; {images.name}; {width} channels; M = {batch}")
        for name, row in rows.items():
            print(f"{name:<28} {row['images_per_second']:>10,.0f} images/s  {row['ratio']:.2f}")
        if arguments.json:
            found = {
                "machine": here.name, "data": images.name, "channels": width, "batch": batch,
                "rounds": arguments.rounds, "rows": rows,
            }  # fmt: skip
            arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
