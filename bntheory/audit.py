"""``bntheory audit``: the verdict on every statement of the paper, with its evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bntheory import cli
from bntheory.cli import FAILED, HELD, RequestError
from bntheory.parser import seed

if TYPE_CHECKING:
    from bntheory.auditing import Row
    from bntheory.auditing.experiments import Experiment
    from bntheory.auditing.store import Store
    from bntheory.paper import Statement
    from bntheory.verdict import Check, Validation

NAME = "bntheory audit"
FORMATS = ("text", "markdown", "html", "json")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0 where all that is derived holds, 1 where a step failed or a derived prediction is refuted,
        2 where the request was wrong, 130 after an interruption.
    """
    return cli.run(NAME, _audit, sys.argv[1:] if argv is None else argv)


ABOUT = """\
Give a verdict on statements of the paper, all of them by default, from what is derived and what \
is measured: it holds, holds-approximately, is a misprint, fails, or stays open. With the verdict \
come the reasons, and what holds instead.

What was measured is kept, and after an interruption the same command goes on where it stopped."""

EXAMPLES = {
    "bntheory audit --no-simulation": "everything, by derivations alone, in less than a minute",
    "bntheory audit eq15": "Eq. (15), measured, too",
    "bntheory audit --format html --output audit.html": "everything, on one page for a browser",
}

STATUS = {
    "0": "all that is derived holds; a verdict on the print leaves the status alone",
    "1": "a step failed, or a derived prediction is refuted",
}


def parser() -> cli.Parser:
    """Return what reads the arguments."""
    made = cli.Parser(NAME, ABOUT, EXAMPLES, STATUS)
    add = made.add_argument
    add("id", nargs="*", help="what to audit, for instance prop4; the whole paper by default")
    add(
        "--no-simulation",
        action="store_true",
        help="judge by derivations alone, in less than a minute",
    )
    add("--format", choices=FORMATS, default="text", help="text by default")
    add("--output", metavar="FILE", help="write to a file instead of stdout")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="cpu by default")
    add("--seed", metavar="S", type=seed, default=2019, help="of the random numbers, 2019")
    add("--state", metavar="DIR", help="where measurements are kept; in the user's cache")
    add(
        "--experiments",
        metavar="DIR",
        help="figures of trained networks, as bntheory figures fig2ab --output DIR/fig2ab.png "
        "leaves them",
    )
    made.end("of what an audit stands on, of the paper and of this software")
    return made


def _audit(argv: Sequence[str]) -> int:
    arguments = parser().parse_args(argv)
    statements = _statements(arguments.id)
    if arguments.cite:
        return cli.cite(_used(statements, not arguments.no_simulation))
    if arguments.output is not None:
        cli.check_writable(arguments.output)
    trained = _trained(statements, arguments.experiments)
    rows = _judged(statements, None if arguments.no_simulation else _store(arguments), trained)
    _show(rows, arguments)
    return _status(rows)


def _statements(ids: Sequence[str]) -> list[Statement]:
    import derivations
    import validation
    from bntheory import paper

    others = validation.available() | derivations.available()
    try:
        found = [others.get(id.lower()) or paper.find(id) for id in ids]
    except paper.UnknownStatement as error:
        raise RequestError(str(error)) from None
    for statement in found:
        if not (statement.relations or statement.text):
            raise RequestError(
                f"{statement.id} is nowhere in print, so that there is nothing to audit; it can be "
                "derived and validated"
            )
    return list(dict.fromkeys(found)) or list(paper.STATEMENTS)


def _used(statements: list[Statement], measured: bool) -> Iterator[str]:
    """Yield the modules that derive statements, and those that measure them."""
    import derivations
    import validation
    from bntheory import citing

    derived, validated = derivations.available(), validation.available()
    for statement in statements:
        if statement.id in derived:
            yield citing.deriving(statement.id)
        if measured and statement.id in validated:
            yield from citing.measuring(statement.id)


def _store(arguments: argparse.Namespace) -> Store:
    from bntheory.auditing import store

    cli.require_device(arguments.device, "; --no-simulation goes without")
    folder = store.default_folder() if arguments.state is None else Path(arguments.state)
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"--state {str(folder)!r} is no directory")
    found = store.Store(folder, arguments.seed, arguments.device)
    found.make()
    return found


def _trained(statements: list[Statement], folder: str | None) -> dict[str, Experiment]:
    """Return what trained networks say, by statement."""
    from bntheory.auditing import experiments

    if folder is None:
        return {}
    if not Path(folder).is_dir():
        raise RequestError(f"--experiments {folder!r} is no directory")
    found = {each.id: experiments.load(Path(folder), each.id) for each in statements}
    trained = {id: experiment for id, experiment in found.items() if experiment is not None}
    if not trained:
        raise RequestError(
            f"--experiments {folder!r} has no figure, such as fig2ab.json, of what is to be audited"
        )
    return trained


def _judged(
    statements: list[Statement], store: Store | None, trained: dict[str, Experiment]
) -> list[Row]:
    from bntheory.auditing import gathered, row

    rows = []
    for number, statement in enumerate(statements, 1):
        place = f"{number}/{len(statements)} {statement.id}"
        measured = None if store is None else _measured(statement, store, place)
        _say(f"{place}: derive")
        rows.append(row(gathered(statement, measured, trained.get(statement.id))))
    _say("")
    return rows


def _measured(statement: Statement, store: Store, place: str) -> Validation | None:
    """Return what was measured before, or measure and keep it."""
    import validation

    if statement.id not in validation.available():
        return None
    kept = store.load(statement.id)
    if kept is not None:
        return kept
    seen: list[Check] = []

    def watch(check: Check) -> None:
        seen.append(check)
        _say(f"{place}: {len(seen)} measured; {check.quantity}, {check.system}: {check.verdict}")

    _say(f"{place}: measure")
    try:
        found = validation.validate(statement.id, store.device, None, store.seed, watch)
    except KeyboardInterrupt:
        _say("")
        raise KeyboardInterrupt(f"in {statement.id}; the same command goes on there") from None
    store.save(found)
    _say("")
    cli.complain(NAME, f"{place}: measured in {found.seconds:.0f} s")
    return found


def _say(line: str) -> None:
    """Say on a terminal how far it is; each line takes the place of the one before."""
    if cli.moves(sys.stderr):
        print(f"\r\033[K{line[:78]}", end="", file=sys.stderr, flush=True)


def _show(rows: list[Row], arguments: argparse.Namespace) -> None:
    from bntheory.rendering.audit import render

    cli.show(partial(render, rows, arguments.format), arguments.format, arguments.output)


def _status(rows: list[Row]) -> int:
    for row in rows:
        if not row.sound:
            cli.complain(NAME, f"{row.id}: {row.because}")
    return HELD if all(row.sound for row in rows) else FAILED


if __name__ == "__main__":
    sys.exit(main())
