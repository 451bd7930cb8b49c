"""``bntheory validate ID ...``: measure statements on the real system, and give verdicts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from bntheory import cli
from bntheory.cli import FAILED, HELD, RequestError
from bntheory.parser import seed

if TYPE_CHECKING:
    from bntheory.verdict import Check, Validation

NAME = "bntheory validate"
MOST_NEURONS = 10**15


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0 where no derived prediction is refuted, 1 where one is, 2 where the request was wrong.
    """
    return cli.run(NAME, _validate, sys.argv[1:] if argv is None else argv)


ABOUT = """\
Measure what statements of the paper predict on the real system, and say of each prediction \
whether it is confirmed, refuted, or left open by the measurement.

With --over a statement is measured at every point of the product of some axes, each point a task \
of its own whose result is written when it is done: after an interruption the same command goes \
on. Every statement has the axes seed and N, and some have others."""

EXAMPLES = {
    "bntheory validate --list": "the statements, and which of them are measured",
    "bntheory validate thm1": "Theorem 1, on torch.nn.BatchNorm1d",
    "bntheory validate prop3 --over eta=0.3,0.6 --over zeta=0:0.5:6":
    "Proposition 3 at twelve points, 0:0.5:6 being six values from 0 to 0.5",
}  # fmt: skip

STATUS = {
    "0": "no derived prediction is refuted; a printed one that is, and what stays inconclusive, is "
    "reported, and leaves the status alone",
    "1": "a derived prediction is refuted; with --over, or a task failed",
}


def parser() -> cli.Parser:
    """Return what reads the arguments."""
    made = cli.Parser(NAME, ABOUT, EXAMPLES, STATUS)
    add = made.add_argument
    add("id", nargs="*", help="what to validate, for instance thm1 or c3-moments")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="cpu by default")
    add("--neurons", metavar="N", type=_neurons, help="the size of the networks")
    add("--seed", metavar="S", type=seed, help="of the random numbers, 2019 by default")
    add("--format", choices=("text", "json"), default="text", help="text by default")
    add("--output", metavar="FILE", help="write to a file instead of stdout")
    add(
        "--over",
        metavar="NAME=VALUES",
        action="append",
        help="sweep over an axis: eta=0.5,1,2, or seed=0:199:200 for 200 values from 0 to 199",
    )
    add("--executor", metavar="WHERE", help="of a sweep: local, the default, or a Dask scheduler")
    add("--results", metavar="FILE", help="of a sweep: the Zarr dataset; ID.zarr by default")
    add("--list", action="store_true", help="list the statements and what is validated so far")
    made.end("of what a measurement uses, of the paper and of this software")
    return made


def _neurons(text: str) -> int:
    if text.isdecimal() and 0 < int(text) <= MOST_NEURONS:
        return int(text)
    raise argparse.ArgumentTypeError(
        f"{text!r} is no positive whole number up to {MOST_NEURONS:.0e}"
    )


def _validate(argv: Sequence[str]) -> int:
    import validation

    arguments = parser().parse_args(argv)
    if arguments.list:
        from bntheory.paper import BY_ID
        from bntheory.paper.files import listing

        cli.write("\n".join(listing(validation.available(), BY_ID, "validated")) + "\n")
        return HELD
    if arguments.cite:
        ids = cli.known_ids(arguments.id, validation, "validated")
        from bntheory import citing

        return cli.cite(name for id in ids for name in citing.measuring(id))
    if not arguments.id:
        raise RequestError("name a statement, for instance thm1; --list lists them")
    if arguments.output is not None:
        cli.check_writable(arguments.output)
    ids = cli.known_ids(arguments.id, validation, "validated")
    for option in ("executor", "results"):
        if not arguments.over and getattr(arguments, option) is not None:
            raise RequestError(f"--{option} is for a sweep; name an axis with --over")
    if arguments.over and len(ids) > 1:
        raise RequestError(f"a sweep takes one statement; there are {len(ids)}")
    cli.require_device(arguments.device)
    if arguments.over:
        from bntheory.sweeps.command import sweep

        return sweep(NAME, ids[0], arguments)
    validations = [_validated(id, arguments) for id in ids]
    _show(validations, arguments)
    return _status(validations)


def _validated(id: str, arguments: argparse.Namespace) -> Validation:
    """Validate a statement; on a terminal, say how far it is."""
    import validation
    from bntheory.simulation.gpu.device import NoCuda

    terminal = cli.moves(sys.stderr)
    seen: list[Check] = []

    def say(check: Check) -> None:
        seen.append(check)
        line = f"{id}: {len(seen)} measured; {check.quantity}, {check.system}: {check.verdict}"
        print(f"\r\033[K{line[:78]}", end="", file=sys.stderr, flush=True)

    given = validation.SEED if arguments.seed is None else arguments.seed
    try:
        found = validation.validate(
            id, arguments.device, arguments.neurons, given, say if terminal else None
        )
    except NoCuda as error:
        raise RequestError(str(error)) from None
    except (ValueError, MemoryError, RuntimeError) as error:
        if arguments.neurons is None or not (reason := _too_far(error)):
            raise
        raise RequestError(f"--neurons {arguments.neurons}: {reason}") from None
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return found


def _too_far(error: Exception) -> str:
    """Say what is wrong with a size, if that is what an error is about."""
    if isinstance(error, ValueError):
        return str(error)
    words = str(error).lower()  # PyTorch has no type of its own for want of memory on the CPU
    wanting = isinstance(error, MemoryError) or "alloc" in words or "out of memory" in words
    return "there is no memory for so many" if wanting else ""


def _show(validations: list[Validation], arguments: argparse.Namespace) -> None:
    from bntheory.rendering.validation import render

    written = partial(render, *validations, format=arguments.format)
    cli.show(written, arguments.format, arguments.output)


def _status(validations: list[Validation]) -> int:
    for found in validations:
        for check in found.checks:
            if check.form == "derived" and check.verdict == "refuted":
                cli.complain(
                    NAME,
                    f"{found.id}: REFUTED: {check.quantity}, {check.system}: predicted "
                    f"{check.predicted:.6g}, measured {check.measured:.6g} with a standard error "
                    f"of {check.standard_error:.2g}, margin {check.margin:.2g}",
                )
    return HELD if all(found.passed for found in validations) else FAILED


if __name__ == "__main__":
    sys.exit(main())
