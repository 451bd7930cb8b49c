"""``bntheory audit``: the verdict on every statement of the paper, with its evidence."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bntheory import __version__, cli
from bntheory.cli import FAILED, HELD, RequestError

if TYPE_CHECKING:
    from bntheory.auditing import Row
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


def _parser() -> cli.Parser:
    parser = cli.Parser(
        prog=NAME,
        description="Give a verdict on statements of the paper, all of them by default: holds, "
        "holds-approximately, misprint, fails or open, from what is derived and what is measured. "
        "What was measured is kept, and after an interruption the same command goes on where it "
        "stopped. Exit status: 0 all that is derived holds, 1 a step failed or a derived "
        "prediction is refuted, 2 the request was wrong; verdicts on the print leave it alone.",
    )
    add = parser.add_argument
    add("id", nargs="*", help="what to audit, for instance prop4 or eq15; everything by default")
    add(
        "--no-simulation",
        action="store_true",
        help="judge by derivations alone, in less than a minute",
    )
    add("--format", choices=FORMATS, default="text", help="text by default")
    add("--output", metavar="FILE", help="write to a file instead of stdout")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="cpu by default")
    add("--seed", metavar="S", type=_seed, default=2019, help="of the random numbers, 2019")
    add("--state", metavar="DIR", help="where measurements are kept; in the user's cache")
    add("--version", action="version", version=f"bntheory {__version__}")
    return parser


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def _audit(argv: Sequence[str]) -> int:
    arguments = _parser().parse_args(argv)
    statements = _statements(arguments.id)
    if arguments.output is not None:
        cli.check_writable(arguments.output)
    rows = _judged(statements, None if arguments.no_simulation else _store(arguments))
    _show(rows, arguments)
    return _status(rows)


def _statements(ids: Sequence[str]) -> list[Statement]:
    from bntheory import paper

    try:
        found = [paper.find(id) for id in ids]
    except paper.UnknownStatement as error:
        raise RequestError(str(error)) from None
    return list(dict.fromkeys(found)) or list(paper.STATEMENTS)


def _store(arguments: argparse.Namespace) -> Store:
    from bntheory.auditing import store

    cli.require_device(arguments.device, "; --no-simulation goes without")
    folder = store.default_folder() if arguments.state is None else Path(arguments.state)
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"--state {str(folder)!r} is no directory")
    return store.Store(folder, arguments.seed, arguments.device)


def _judged(statements: list[Statement], store: Store | None) -> list[Row]:
    from bntheory.auditing import gathered, row

    rows = []
    for number, statement in enumerate(statements, 1):
        place = f"{number}/{len(statements)} {statement.id}"
        measured = None if store is None else _measured(statement, store, place)
        _say(f"{place}: derive")
        rows.append(row(gathered(statement, measured)))
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
    if sys.stderr is not None and sys.stderr.isatty():
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
