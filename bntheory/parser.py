"""How a command is asked: its arguments, a help that teaches, complaints of one line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any, NoReturn

from bntheory import __version__

#: Columns of a help, at most.
WIDTH = 80

#: What every command answers with, besides 0 and 1.
STATUS = {
    "2": "the request was wrong; one line on stderr says what would do",
    "130": "interrupted by Ctrl-C",
}


class RequestError(Exception):
    """The request was wrong; the message says in one line what was given and what would do."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Keeps what is laid out already, and is not as wide as the widest terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=min(WIDTH, get_terminal_size().columns) - 2)


class Parser(argparse.ArgumentParser):
    """An argument parser that teaches, and complains in one line.

    Parameters
    ----------
    prog : str
        The name of the command.
    about : str
        What it does, in prose.
    examples : mapping
        From command lines to what they do.
    status : mapping
        From exit statuses to what they mean; those that all commands share are added.
    begin : str
        The title of the examples.
    sections, more : sequence of str
        What else is said before the options, and after them.
    **given
        As for :class:`argparse.ArgumentParser`.
    """

    def __init__(
        self,
        prog: str,
        about: str,
        examples: Mapping[str, str],
        status: Mapping[str, str],
        begin: str = "examples",
        sections: Sequence[str] = (),
        more: Sequence[str] = (),
        **given: Any,
    ) -> None:
        prose = ["\n".join(wrap(paragraph, WIDTH)) for paragraph in about.split("\n\n")]
        super().__init__(
            prog=prog,
            description="\n\n".join((*prose, *sections, _examples(begin, examples))),
            epilog="\n\n".join((rows("exit status", {**status, **STATUS}), *more)),
            formatter_class=_Help,
            **given,
        )

    def end(self, cites: str) -> None:
        """Add the options that all commands have; ``cites`` says what the BibTeX is of."""
        self.add_argument("--cite", action="store_true", help=f"print BibTeX {cites}, and no more")
        self.add_argument("--version", action="version", version=f"bntheory {__version__}")

    def error(self, message: str) -> NoReturn:
        """Complain; argparse would print the usage, too."""
        raise RequestError(message)


def _examples(title: str, examples: Mapping[str, str]) -> str:
    lines = [f"{title}:"]
    for command, what in examples.items():
        lines += [f"  {command}", *(f"    {line}" for line in wrap(what, WIDTH - 4))]
    return "\n".join(lines)


def rows(title: str, entries: Mapping[str, str]) -> str:
    """Return a section of a help in two columns."""
    margin = max(map(len, entries)) + 4
    lines = [f"{title}:"]
    for name, what in entries.items():
        start = f"  {name}".ljust(margin)
        lines += wrap(what, WIDTH, initial_indent=start, subsequent_indent=" " * margin)
    return "\n".join(lines)


def seed(text: str) -> int:
    """Read the seed of random numbers."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r:.40} is no whole number") from None
