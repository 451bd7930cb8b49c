"""``bntheory derive ID ...``: derive statements from first principles, and show every step."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from bntheory import cli
from bntheory.cli import FAILED, HELD, RequestError

if TYPE_CHECKING:
    from bntheory.activations import Activation
    from bntheory.derivation import Derivation

NAME = "bntheory derive"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns
    -------
    int
        0 where every check held, 1 where one failed, 2 where the request was wrong.
    """
    return cli.run(NAME, _derive, sys.argv[1:] if argv is None else argv)


ABOUT = """\
Derive statements of the paper from first principles, and check each step by a second route. The \
result is compared with what is printed, and where they differ a point is shown at which they do."""

EXAMPLES = {
    "bntheory derive --list": "the statements, and which of them are derived",
    "bntheory derive prop4": "Proposition 4, as text",
    "bntheory derive eq13 --activation 'max(x, x/10)'": "Eq. (13) for an activation of your own",
    "bntheory derive prop4 --format html --output prop4.html": "a page for a browser",
}

STATUS = {
    "0": "every check held; that a printed form differs is reported, and leaves the status alone",
    "1": "a check failed",
}


def parser() -> cli.Parser:
    """Return what reads the arguments."""
    from bntheory.rendering import FORMATS

    made = cli.Parser(NAME, ABOUT, EXAMPLES, STATUS)
    add = made.add_argument
    add("id", nargs="*", help="what to derive, for instance prop4 or eq13")
    add(
        "--activation",
        metavar="NAME|EXPR",
        help="relu, linear, leaky_relu, erf, or an expression in x, as 'max(x, x/10)'; "
        "without it, the one that the paper states it for",
    )
    add("--format", choices=FORMATS, default="text", help="text by default")
    add("--output", metavar="FILE", help="write to a file instead of stdout")
    add("--list", action="store_true", help="list the statements and what is derived so far")
    made.end("of what a derivation stands on, of the paper and of this software")
    return made


def _derive(argv: Sequence[str]) -> int:
    arguments = parser().parse_args(argv)
    if arguments.list:
        import derivations
        from bntheory.paper import BY_ID
        from bntheory.paper.files import listing

        cli.write("\n".join(listing(derivations.available(), BY_ID, "derived")) + "\n")
        return HELD
    if arguments.cite:
        import derivations
        from bntheory import citing

        ids = cli.known_ids(arguments.id, derivations, "derived")
        return cli.cite(map(citing.deriving, ids))
    if not arguments.id:
        raise RequestError("name a statement, for instance prop4; --list lists them")
    if arguments.output is not None:
        cli.check_writable(arguments.output)
    found = _derivations(arguments)
    _show(found, arguments)
    return _status(found)


def _derivations(arguments: argparse.Namespace) -> list[Derivation]:
    """Derive what is asked for; whatever is wrong with the request is said before any work."""
    import derivations

    ids = cli.known_ids(arguments.id, derivations, "derived")
    activation = None
    if arguments.activation is not None:
        from bntheory.activations import UnknownActivation
        from bntheory.activations import find as find_activation

        try:
            activation = find_activation(arguments.activation)
        except UnknownActivation as error:
            raise RequestError(str(error)) from None
    return [_derived(id, activation) for id in ids]


def _derived(id: str, activation: Activation | None) -> Derivation:
    import derivations
    from bntheory.calculus.gaussian import NoClosedForm

    try:
        return derivations.derive(id, activation)
    except NoClosedForm:
        name = activation.name if activation is not None else "its activation"
        raise RequestError(
            f"a closed form of {id} is out of reach for {name}; it exists for activations that "
            "are polynomials on each side of 0, and for polynomials times erf and Gaussians"
        ) from None
    except ValueError as error:
        if activation is None:  # our own mistake, so nobody's request was wrong
            raise
        raise RequestError(f"cannot derive {id} for {activation.name}: {error}") from None


def _show(derivations: list[Derivation], arguments: argparse.Namespace) -> None:
    from bntheory.rendering import render

    shown = derivations if len(derivations) > 1 else derivations[0]
    cli.show(partial(render, shown, arguments.format), arguments.format, arguments.output)


def _status(derivations: list[Derivation]) -> int:
    from bntheory.rendering.findings import failures

    for derivation in derivations:
        for failure in failures(derivation):
            cli.complain(NAME, f"{derivation.id}: {failure}")
    return HELD if all(derivation.passed for derivation in derivations) else FAILED


if __name__ == "__main__":
    sys.exit(main())
