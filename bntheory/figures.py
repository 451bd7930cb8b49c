"""``bntheory figures ID``: draw a figure of the paper, from simulated points or trainings."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bntheory import cli
from bntheory.cli import HELD, RequestError
from bntheory.parser import seed

NAME = "bntheory figures"

#: What it takes to draw, each in an extra of the distribution.
LIBRARIES = ("torch", "matplotlib", "tqdm")

#: Options of the figures whose networks are trained, and of those with simulated points.
NETWORKS, POINTS = ("data", "budget", "epochs", "images", "width"), ("neurons",)

#: The map of growth rates, and its title.
STABILITY = {"stability": "Where WN + gamma decay is stable: measured over eta and zeta (Prop. 3)"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0 where the figure is drawn, 2 where the request was wrong, 130 after an interruption.
    """
    return cli.run(NAME, _figures, sys.argv[1:] if argv is None else argv)


ABOUT = """\
Draw a figure of the paper: theory, and simulated points with standard errors (fig1a, fig1b); \
convolutional networks in training (fig2ab to fig4); or where training is stable (stability). The \
data are written beside it, with what they say about the paper's claims. After an interruption the \
same command goes on where it stopped."""

EXAMPLES = {
    "bntheory figures --list": "the figures",
    "bntheory figures fig1a --output fig1a.svg": "Figure 1(a), and its data in fig1a.json",
    "bntheory figures fig2ab --data CIFAR10 --budget 60": "Figure 2(a,b) in an hour, on the "
    "images in the folder CIFAR10",
}

STATUS = {"0": "it is drawn"}


def parser() -> cli.Parser:
    """Return what reads the arguments."""
    made = cli.Parser(NAME, ABOUT, EXAMPLES, STATUS)
    add = made.add_argument
    add("id", nargs="?", help="what to draw; --list lists the figures")
    add("--output", metavar="FILE", help="a .png, .svg or .pdf file; ID.png by default")
    add("--neurons", metavar="N", type=_positive, help="fig1: inputs of a student, 256")
    add(
        "--replicas",
        metavar="K",
        type=_positive,
        help="students of a point, 32 for fig1a, 16 for fig1b; networks of a curve, 3",
    )
    add("--seed", metavar="S", type=seed, default=2019, help="of the random numbers, 2019")
    add(
        "--data",
        metavar="DIR",
        help="fig2 to fig4: a folder with CIFAR-10, binary version, or with ImageNet 32x32, npz; "
        "without it, scikit-learn's digits",
    )
    add(
        "--budget",
        metavar="MINUTES",
        type=_minutes,
        help="fig2 to fig4: train for as many epochs as there is time for",
    )
    add("--epochs", metavar="E", type=_positive, help="fig2 to fig4: of each training")
    add("--images", metavar="P", type=_positive, help="fig2 to fig4: for training, the first ones")
    add("--width", metavar="C", type=_positive, help="fig2 to fig4: channels of the first layer")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="cpu by default")
    add("--list", action="store_true", help="list the figures")
    made.end("of what a figure uses, of the paper and of this software")
    return made


def _positive(text: str) -> int:
    if text.isdecimal() and int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no positive whole number")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if 0 < minutes < math.inf:
        return minutes
    raise argparse.ArgumentTypeError(f"{text!r} is no positive number of minutes")


def titles() -> dict[str, str]:
    """Return the titles of all figures, by id."""
    from bntheory import experiments, panels

    return panels.available() | experiments.available() | STABILITY


def _figures(argv: Sequence[str]) -> int:
    from bntheory import experiments

    arguments = parser().parse_args(argv)
    known = titles()
    if arguments.list:
        cli.write("".join(f"{id}  {title}\n" for id, title in known.items()))
        return HELD
    if arguments.id is None and arguments.cite:
        return cli.cite()
    if arguments.id is None:
        raise RequestError("name a figure, for instance fig1a; --list lists them")
    id = arguments.id.lower()
    if id not in known:
        raise RequestError(f"no figure {arguments.id!r}; the figures are {', '.join(known)}")
    if arguments.cite:
        return cli.cite(_used(id))
    _refuse_others(id, arguments)
    output = _output(arguments.output or f"{id}.png")
    _require(arguments.device, ("zarr", "filelock") if id in STABILITY else ())
    if id in STABILITY:
        return _map(id, output, arguments)
    draws = _train if id in experiments.available() else _draw
    return draws(id, output, arguments)


def _used(id: str) -> tuple[str, ...]:
    """Return the modules that make a figure."""
    from bntheory import citing, panels

    if id in STABILITY:
        return ("bntheory.sweeps.stability", *citing.measuring("prop3"))
    if id in panels.available():
        room = "bntheory.panels"
        return (f"{room}.{id}", f"{room}.make", "bntheory.simulation.offline")
    return (f"bntheory.experiments.{id}", "bntheory.experiments.make")


def _refuse_others(id: str, arguments: argparse.Namespace) -> None:
    """Refuse options of other figures."""
    from bntheory import experiments, panels

    of_options = {
        **dict.fromkeys(NETWORKS, experiments.available()),
        **dict.fromkeys(POINTS, panels.available()),
        "replicas": panels.available() | experiments.available(),
    }
    for option, figures in of_options.items():
        if getattr(arguments, option) is not None and id not in figures:
            raise RequestError(f"--{option} is not for {id}, but for {', '.join(figures)}")


def _output(path: str) -> Path:
    """Return where the picture goes, if it and its data can be written there."""
    from bntheory.panels.panel import FORMATS

    output = Path(path)
    if output.suffix.lower() not in FORMATS:
        raise RequestError(
            f"cannot draw {path!r}; the name of a picture ends in {', '.join(FORMATS)}"
        )
    for each in (output, output.with_suffix(".json")):
        cli.check_writable(str(each))
    return output


def _require(device: str, further: Sequence[str] = ()) -> None:
    missing = [name for name in (*LIBRARIES, *further) if not find_spec(name)]
    if missing:
        extras = f"torch,figures{',sweeps' if further else ''}"
        raise RequestError(
            f"drawing needs {' and '.join(missing)}: pip install 'bntheory[{extras}]'"
        )
    if device == "cpu":  # there is one, and PyTorch is loaded by those alone that compute
        return
    from bntheory.simulation.run import Run

    try:
        Run(device=device)
    except ValueError as error:
        raise RequestError(str(error)) from None


def _draw(id: str, output: Path, arguments: argparse.Namespace) -> int:
    from bntheory import memory, panels
    from bntheory.panels.make import make
    from bntheory.panels.panel import Settings
    from bntheory.panels.points import trainings
    from bntheory.panels.store import NoData
    from bntheory.workers import WorkerLost

    panel = panels.find(id)
    neurons = 256 if arguments.neurons is None else arguments.neurons
    replicas = arguments.replicas or panel.replicas
    if neurons < panel.least_neurons:
        raise RequestError(
            f"--neurons {neurons} is too few for {id}: from {panel.least_neurons} on there is a "
            "batch of samples at every load"
        )
    if replicas < 2:
        raise RequestError("--replicas 1 has no error bars; 2 or more have")
    settings = Settings(neurons, replicas, arguments.seed, arguments.device)
    alpha = max(training.alpha for training in trainings(id, panel, settings))
    what = f" with --replicas {replicas}"
    try:
        memory.require(
            "--neurons", neurons, lambda N: 8 * replicas * alpha * N**2, settings.device, what
        )
    except ValueError as error:
        raise RequestError(str(error)) from None
    try:
        claims = make(id, settings, output)
    except (NoData, WorkerLost) as error:
        raise RequestError(str(error)) from None
    cli.say(_summary(output, claims))
    return HELD


def _train(id: str, output: Path, arguments: argparse.Namespace) -> int:
    from bntheory.experiments.budget import TooShort
    from bntheory.experiments.figure import Settings
    from bntheory.experiments.images import NoImages
    from bntheory.experiments.make import make
    from bntheory.panels.store import NoData
    from bntheory.workers import WorkerLost

    if arguments.budget is not None and arguments.epochs is not None:
        raise RequestError("--budget finds the number of epochs, and --epochs gives it: name one")
    settings = Settings(
        None if arguments.data is None else Path(arguments.data),
        arguments.budget,
        arguments.replicas,
        arguments.seed,
        arguments.device,
        arguments.images,
        arguments.width,
        arguments.epochs,
    )
    try:
        claims = make(id, settings, output)
    except (NoData, NoImages, TooShort, WorkerLost) as error:
        raise RequestError(str(error)) from None
    if claims:  # in the first of several processes
        cli.say(_summary(output, claims))
    return HELD


def _map(id: str, output: Path, arguments: argparse.Namespace) -> int:
    from bntheory.sweeps import stability
    from bntheory.sweeps.dataset import Refused

    try:
        found = stability.make(output, STABILITY[id], arguments.seed, arguments.device)
    except Refused as error:
        raise RequestError(str(error)) from None
    rows = [f"{output}, with its data in {output.with_suffix('.zarr')}"]
    rows += [
        f"  {each.form:<8} {each.name}: right at {each.right} of the {each.decided} places where "
        "the sign is measured"
        for each in found
    ]
    cli.write("\n".join(rows) + "\n")
    return HELD


def _summary(output: Path, claims: Sequence[Mapping[str, Any]]) -> str:
    """Say where the figure is, and what became of the claims."""
    rows = [f"{output}, with its data in {output.with_suffix('.json')}"]
    for claim in claims:
        rows.append(f"  {claim['verdict']:<13} {claim['form']:<8} {claim['claim']}")
        if claim["verdict"] != "confirmed":
            for verdict in ("confirmed", "refuted") if "loads" in claim else ():
                at = [f"{load['alpha']:g}" for load in claim["loads"] if load["verdict"] == verdict]
                if at:
                    rows.append(f"{'':25}{verdict} at alpha = {', '.join(at)}")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
