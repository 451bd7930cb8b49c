"""A figure from beginning to end: epochs, trainings that are missing, checks, picture, data."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from bntheory import cli
from bntheory.experiments import available, drawing, find
from bntheory.experiments.budget import epochs as affordable
from bntheory.experiments.checks import Checked
from bntheory.experiments.figure import Figure, Settings
from bntheory.experiments.images import Images
from bntheory.experiments.job import Job
from bntheory.experiments.machine import Machine, launched, machine
from bntheory.experiments.progress import progress
from bntheory.experiments.recipe import RECIPES, Recipe
from bntheory.experiments.results import Results
from bntheory.experiments.training import done, lines, load, run, train
from bntheory.panels.drawing import save
from bntheory.panels.store import NoData, finite, versions
from bntheory.panels.workers import abreast, side_by_side
from bntheory.workers import WorkerLost


def make(id: str, settings: Settings, output: Path) -> list[Checked]:
    """Make a figure, and write its data beside it.

    Trainings write their metrics as they go, each to a file of its own in the folder ``.runs``
    beside the picture.  What is there already is not trained again, and what was interrupted goes
    on from its last checkpoint, to the same result.

    Parameters
    ----------
    id : str
        One of :func:`bntheory.experiments.available`.
    settings : Settings
        What the user chose.
    output : Path
        The picture; its data stand in the ``.json`` of the same name.

    Returns
    -------
    list of Checked
        The claims with their verdicts, as in the data file.

    Raises
    ------
    bntheory.experiments.images.NoImages
        If the images are not there, or not as expected.
    bntheory.experiments.budget.TooShort
        If the budget has no room for an epoch.
    bntheory.panels.store.NoData
        If there is another file where the data should be, or the data of other settings.
    bntheory.workers.WorkerLost
        If a training was killed.
    bntheory.cli.RequestError
        If a file cannot be written.
    """
    folder = None if settings.data is None else str(settings.data.resolve())
    images = load(folder, settings.images)
    figure = find(id)
    recipe = figure.change(RECIPES[images.id]).of_width(settings.width)
    seeds = range(settings.seed, settings.seed + (settings.replicas or recipe.seeds))
    runs, data = output.with_suffix(".runs"), output.with_suffix(".json")
    with machine(settings.device) as here:
        methods = _fitting(id, figure, recipe, images, here)
        jobs = [
            Job(
                id, figure.kind, method, recipe, settings.epochs or recipe.epochs, seed, folder,
                settings.images, settings.device, runs, figure.evaluations,
            )
            for seed in seeds
            for method in methods
        ]  # fmt: skip
        head = _head(id, settings, images, recipe, here)
        found = _epochs(data, head, jobs, settings, images, here)
        jobs = [replace(job, epochs=found) for job in jobs]
        _check(jobs, images, here)
        head["epochs"] = found
        if here.rank == 0:
            _make(runs)
            _write(data, head, [], [])
        _train(jobs, images, here)
    if here.rank:
        return []
    results = Results(
        methods, tuple(seeds), {(job.method.id, job.seed): lines(job) for job in jobs}
    )
    checked = figure.checks(results, recipe)
    _write(data, head, jobs, checked)
    title = available()[id]
    notes = _notes(settings, images, recipe, here, found, len(seeds), figure)
    save(drawing.draw(figure, results, recipe, title, notes), output)
    return checked


def _fitting(
    id: str, figure: Figure, recipe: Recipe, images: Images, here: Machine
) -> tuple[Any, ...]:
    """Return the methods of a figure.

    Raises
    ------
    bntheory.cli.RequestError
        If there are fewer images than a step takes.
    """
    methods = figure.methods(recipe)
    most = max(method.batch for method in methods) * here.processes
    if most > len(images.train):
        raise cli.RequestError(
            f"a step takes {most:,} images, and there are {len(images.train):,} for training; "
            f"{id} needs {most:,} or more"
        )
    return methods


def _check(jobs: Sequence[Job], images: Images, here: Machine) -> None:
    """Check that networks are trained at all.

    Raises
    ------
    bntheory.cli.RequestError
        If the first step, whose rate is zero, is the last one, or a merge comes at the end.
    """
    for job in jobs:
        together = job.method.batch * here.processes
        if job.epochs * (len(images.train) // together) < 2:
            raise cli.RequestError(
                f"with M = {job.method.batch:,} there is one step, and the rate begins at zero: "
                f"{job.figure} needs more --images or --epochs"
            )
        if job.merging == job.epochs:
            raise cli.RequestError(
                f"{job.figure} merges after two thirds of the epochs, and needs 2 or more"
            )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cli.RequestError(f"cannot write to {str(folder)!r}: {error.strerror}") from None


def _head(
    id: str, settings: Settings, images: Images, recipe: Recipe, here: Machine
) -> dict[str, Any]:
    """Return what has to agree for trainings to belong together."""
    return {
        "id": id,
        "title": available()[id],
        "data": images.name,
        "settings": settings.as_data(),
        "recipe": recipe.as_data(),
        "device": settings.device,
        "machine": here.name,
        "processes": here.processes,
        "versions": versions(),
    }


def _epochs(
    data: Path,
    head: Mapping[str, Any],
    jobs: Sequence[Job],
    settings: Settings,
    images: Images,
    here: Machine,
) -> int:
    """Return for how many epochs to train: as many as before, or as there is time for."""
    # what the first process sees is what all do: another one may see what it has written since
    known = _known(data, head) if here.rank == 0 and data.exists() else 0
    known = here.agreed(known)
    if known:
        return known
    if settings.budget is None:
        return jobs[0].epochs
    threads = torch.get_num_threads()
    if settings.device == "cpu":
        torch.set_num_threads(1)  # as where they are trained
    try:
        together = 1 if launched() else abreast(jobs)
        found = affordable(jobs, images, here, settings.budget, together)
    finally:
        torch.set_num_threads(threads)
    found = here.agreed(found)
    _say(f"{found} epochs of {jobs[0].epochs} for a budget of {settings.budget:g} min", here)
    return found


def _known(data: Path, head: Mapping[str, Any]) -> int:
    """Return the epochs of a data file.

    Raises
    ------
    NoData
        If it is none, or was made with other settings.
    """
    elsewhere = "move it away or name another file with --output"
    try:
        found = json.loads(data.read_text(encoding="utf-8"))
        other = [name for name, value in head.items() if found[name] != value]
        epochs = int(found["epochs"])
    except OSError as error:
        raise NoData(f"cannot read {str(data)!r}: {error.strerror}") from None
    except (ValueError, TypeError, LookupError, RecursionError):
        raise NoData(
            f"{str(data)!r} is damaged, or not the data of a figure; {elsewhere}"
        ) from None
    if other:
        raise NoData(f"{str(data)!r} was made with other {other[0]}; {elsewhere}")
    return epochs


def _train(jobs: Sequence[Job], images: Images, here: Machine) -> None:
    """Train what is missing: side by side on a processor, one after the other on a GPU."""
    missing = [job for job in jobs if not done(job)]
    if len(missing) < len(jobs):
        _say(f"{jobs[0].runs} has {len(jobs) - len(missing)} of {len(jobs)} trainings", here)
    try:
        with progress(jobs, len(images.train), here):
            if here.device == "cpu" and here.processes == 1 and len(missing) > 1:
                # those that take longest first
                missing.sort(key=lambda job: job.method.batch)
                with closing(side_by_side(run, missing)) as results:
                    for _ in results:
                        pass
            else:
                for job in missing:
                    train(job, images, here)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_so_far(jobs)) from None
    except WorkerLost:
        _say(_so_far(jobs), here)
        raise


def _so_far(jobs: Sequence[Job]) -> str:
    ended = sum(map(done, jobs))
    return f"{jobs[0].runs} has {ended} of {len(jobs)} trainings; the same command goes on there"


def _write(
    data: Path, head: Mapping[str, Any], jobs: Sequence[Job], checked: Sequence[Checked]
) -> None:
    known = [
        {"method": job.method.as_data(), "seed": job.seed, "lines": lines(job)} for job in jobs
    ]
    text = json.dumps(
        finite({**head, "runs": known, "claims": list(checked)}), ensure_ascii=False,
        allow_nan=False, indent=1,
    )  # fmt: skip
    cli.write_file(str(data), text + "\n")


def _notes(
    settings: Settings,
    images: Images,
    recipe: Recipe,
    here: Machine,
    epochs: int,
    seeds: int,
    figure: Figure,
) -> list[str]:
    """Return what is said below the title."""
    trained = f"{epochs} epoch{'s' * (epochs > 1)}"
    if settings.budget is not None and epochs < recipe.epochs:
        trained += f" of {recipe.epochs}, for a budget of {settings.budget:g} min"
    elif epochs != recipe.epochs:
        trained += f" and not {recipe.epochs}"
    images_said = images.name
    if images.id == "digits":
        images_said += ": not the paper's images"
    several = "" if here.processes == 1 else f"; {here.processes} processes, each with M images"
    drawn = "one seed" if seeds == 1 else f"mean and standard error of {seeds} seeds"
    return [
        f"{images_said}; {trained}; {recipe.widths[figure.kind]} channels at first",
        f"{drawn}; {here.name}{several}",
    ]


def _say(what: str, here: Machine) -> None:
    if here.rank == 0:
        print(what, file=sys.stderr)
