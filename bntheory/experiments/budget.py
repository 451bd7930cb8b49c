"""How long trainings take here, and how many epochs a budget has room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

import torch

from bntheory.experiments.images import Images
from bntheory.experiments.job import Job
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import Machine

#: Steps before the clock is read, and steps that are timed.
FIRST, TIMED = 2, 4

#: The part of a budget that epochs are to fill; the rest is for what surrounds them.
FILLED = 0.85


class TooShort(ValueError):
    """A budget has no room for one epoch."""


def epochs(jobs: Sequence[Job], images: Images, here: Machine, minutes: float, abreast: int) -> int:
    """Return for how many epochs there is time, at most as many as the jobs have.

    Parameters
    ----------
    jobs : sequence of Job
        All of them; those that differ in the seed alone are timed once.
    images : Images
        That they train on.
    here : Machine
        Where.
    minutes : float
        For everything, this included.
    abreast : int
        How many jobs run side by side.

    Raises
    ------
    TooShort
        If there is none for one.
    """
    started = perf_counter()
    known: dict[str, tuple[float, float]] = {}
    for job in jobs:
        if job.method.id not in known:
            known[job.method.id] = cost(replace(job, epochs=1), images, here)
    epoch, evaluation = (
        sum(known[job.method.id][part] for job in jobs) / abreast for part in (0, 1)
    )

    def needed(count: int) -> float:
        return count * epoch + (min(count, jobs[0].evaluations) + 1) * evaluation

    left = FILLED * (60 * minutes - (perf_counter() - started))
    found = next((n for n in range(jobs[0].epochs, 0, -1) if needed(n) <= left), 0)
    if not found:
        minimum = (needed(1) / FILLED + perf_counter() - started) / 60
        raise TooShort(
            f"a budget of {minutes:g} min has no room for one epoch of {len(jobs)} trainings, "
            f"which take {minimum:.2g} min; allow more, or use fewer --images, a smaller --width "
            "or fewer --replicas"
        )
    return found


def cost(job: Job, images: Images, here: Machine) -> tuple[float, float]:
    """Return the seconds that an epoch takes, and an evaluation."""
    learner = Learner(job, images, here)
    learner.begin(0)
    order = [index for index, _ in zip(learner.batches(0), range(FIRST + TIMED), strict=False)]
    for index in order[:FIRST]:
        learner.step(index, 0.0)
    schedules, learner.schedules = learner.schedules, {}
    timed = order[FIRST:] or order
    step = seconds(here, lambda: [learner.step(index, 0.0) for index in timed]) / len(timed)
    epoch = learner.steps * step
    for schedule in schedules.values():
        epoch += learner.steps / schedule.every * seconds(here, schedule.action)
    return epoch, seconds(here, lambda: learner.evaluate(0))


def seconds(here: Machine, action: Callable[[], object]) -> float:
    """Return how long something takes."""
    _wait(here)
    started = perf_counter()
    action()
    _wait(here)
    return perf_counter() - started


def _wait(here: Machine) -> None:
    if here.device.startswith("cuda"):
        torch.cuda.synchronize()
