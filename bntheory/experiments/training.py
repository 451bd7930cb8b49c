"""The training loop: epochs, metrics as they come, checkpoints."""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from bntheory import cli
from bntheory.experiments import images as pictures
from bntheory.experiments.images import Images
from bntheory.experiments.job import Job
from bntheory.experiments.learner import Learner
from bntheory.experiments.machine import Machine, keep_memory, machine
from bntheory.nn.normalization import NotFinite

#: Seconds from one checkpoint to the next, at least.
APART = 20.0


@cache
def load(folder: str | None, count: int | None) -> Images:
    """Return the images of a job, read once in each process."""
    found = pictures.read(None if folder is None else Path(folder))
    return found if count is None else found.first(count)


def run(job: Job) -> list[dict[str, Any]]:
    """Train in a process of one's own; what :func:`train` does."""
    keep_memory()
    with machine(job.device) as here:
        return train(job, load(job.folder, job.images), here)


def lines(job: Job) -> list[dict[str, Any]]:
    """Return the metrics that there are, a dict for each epoch."""
    if not job.metrics.exists():
        return []
    found = []
    for text in job.metrics.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(text))
        except ValueError:  # the last line of a training that was killed
            break
    # the metrics of another training, for instance with other settings, are not this one's
    return found if found and found[0].get("job") == job.identity else []


def done(job: Job) -> bool:
    """Whether a training has come to its end."""
    known = lines(job)
    return bool(known) and (known[-1]["epoch"] == job.epochs or "diverged" in known[-1])


def train(job: Job, images: Images, here: Machine) -> list[dict[str, Any]]:
    """Train a network, from the last checkpoint on if there is one.

    Parameters
    ----------
    job : Job
        What is trained.
    images : Images
        Those that the job names.
    here : Machine
        Where.

    Returns
    -------
    list of dict
        The metrics, as in the file: for each epoch the ``train`` loss, averaged over its steps;
        where the network is evaluated ``validation`` loss and ``accuracy``, ``fitted``, the loss of
        training images in evaluation mode, the mean ``gamma_squared`` of each layer, and the
        ``norms`` of kernels.  A training whose loss is not finite ends with ``diverged``.
    """
    if done(job):
        return lines(job)
    learner = Learner(job, images, here)
    epoch, known = _resumed(job, learner)
    writes = here.rank == 0
    if writes:
        cli.write_file(str(job.metrics), "".join(map(_line, known)))
    if not known:
        known.append(_write(job, {"epoch": 0, "job": job.identity, **learner.evaluate(0)}, writes))
    saved = perf_counter()
    while epoch < job.epochs:
        if epoch == job.merging and job.method.merges == "merged":
            learner.merge()
        epoch += 1
        started = perf_counter()
        line: dict[str, Any] = {"epoch": epoch, "train": math.nan}
        with suppress(NotFinite):
            line["train"] = _epoch(learner, epoch)
            if job.evaluates(epoch):
                line |= learner.evaluate(epoch)
        if not all(math.isfinite(line.get(name, 0.0)) for name in ("train", "validation")):
            known.append(_write(job, {"epoch": epoch, "train": None, "diverged": True}, writes))
            break
        line["rate"] = job.rate((epoch - 1) / job.epochs)
        line["seconds"] = round(perf_counter() - started, 3)
        known.append(_write(job, line, writes))
        if writes and epoch < job.epochs and perf_counter() - saved > APART:
            save(job, learner, epoch)
            saved = perf_counter()
    if writes:
        job.checkpoint.unlink(missing_ok=True)
    return known


def _epoch(learner: Learner, epoch: int) -> float:
    """Train for an epoch; return the mean loss of its steps."""
    learner.begin(epoch)
    total = torch.zeros((), device=learner.machine.device, dtype=torch.float64)
    epochs, steps = learner.job.epochs, learner.steps
    for step, index in enumerate(learner.batches(epoch)):
        total += learner.step(index, (epoch - 1 + step / steps) / epochs)
    if learner.machine.processes > 1:
        torch.distributed.all_reduce(total)
    return float(total) / (steps * learner.machine.processes)


def save(job: Job, learner: Learner, epoch: int) -> None:
    """Write a checkpoint, in one piece."""
    part = job.checkpoint.with_name(f"{job.checkpoint.name}.{os.getpid()}.part")
    try:
        torch.save({"epoch": epoch, "job": job.identity, **learner.state_dict()}, part)
        part.replace(job.checkpoint)
    finally:
        part.unlink(missing_ok=True)


def _resumed(job: Job, learner: Learner) -> tuple[int, list[dict[str, Any]]]:
    """Take up a checkpoint; return its epoch and the metrics up to it."""
    if not job.checkpoint.exists():
        return 0, []
    state = torch.load(job.checkpoint, map_location=learner.machine.device, weights_only=True)
    epoch = int(state["epoch"])
    known = [line for line in lines(job) if line["epoch"] <= epoch]
    if state["job"] != job.identity or len(known) != epoch + 1:
        return 0, []
    learner.load_state_dict(state)
    return epoch, known


def _line(values: dict[str, Any]) -> str:
    return json.dumps(values, allow_nan=False) + "\n"


def _write(job: Job, values: dict[str, Any], writes: bool) -> dict[str, Any]:
    if writes:
        with job.metrics.open("a", encoding="utf-8") as file:
            file.write(_line(values))
    return values
