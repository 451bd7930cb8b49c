"""``bntheory`` without a command: what there is, where to begin, where to read on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bntheory import cli
from bntheory.cli import HELD, RequestError
from bntheory.completion import SHELLS
from bntheory.parser import Parser, rows

ABOUT = """\
A paper that checks itself: "Towards Understanding Regularization in Batch Normalization" (Luo, \
Wang, Shao and Peng, ICLR 2019). Every statement of it has an id, as prop4 for Proposition 4 or \
eq13 for Eq. (13). It can be derived from first principles, with each step checked by a second \
route; measured on real networks; and it has a verdict, which follows from both."""

BEGIN = {
    "bntheory derive --list": "the statements of the paper, with their ids",
    "bntheory derive prop4": "Proposition 4, from the definitions to the result, step by step",
    "bntheory audit prop4 --no-simulation": "its verdict and the reasons, by derivation alone",
}

STATUS = {
    "0": "the toolkit's own results held: every step that it checked, every prediction of a "
    "derived form that it measured. That a printed form differs, or is refuted, is a finding: it "
    "is reported and leaves the status alone",
    "1": "one of them failed",
}

COMPLETION = """\
completion of commands, options and ids, once and for all:
  bash   eval "$(bntheory --print-completion bash)"    as a line of ~/.bashrc
  zsh    bntheory --print-completion zsh > DIR/_bntheory    with DIR in $fpath
  fish   bntheory --print-completion fish > \\
             ~/.config/fish/completions/bntheory.fish"""

READ_ON = """\
read on:
  bntheory COMMAND --help    options and examples of a command
  README.rst and docs/       of the source tree: what was found, and how
  the paper                  https://openreview.net/forum?id=HJlLKjR9FQ"""


def parser() -> Parser:
    """Return the parser of ``bntheory`` without a command."""
    made = Parser(
        "bntheory",
        ABOUT,
        BEGIN,
        STATUS,
        usage="bntheory COMMAND [ID ...] [OPTION ...]",
        begin="where to begin",
        sections=(rows("commands", cli.COMMANDS),),
        more=(COMPLETION, READ_ON),
    )
    made.add_argument(
        "--print-completion",
        choices=SHELLS,
        help="print what a shell needs for completion",
    )
    made.end("of the paper and of this software")
    return made


def answer(argv: Sequence[str]) -> int:
    """Answer what is no command.

    Raises
    ------
    bntheory.cli.RequestError
        If it is nothing else, either.
    """
    reads = parser()
    reads.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    asked = reads.parse_known_args(argv)[0]
    if asked.cite:
        return cli.cite()
    if asked.print_completion:
        from bntheory.completion import script

        cli.write(script(asked.print_completion))
        return HELD
    what = "no command is given" if asked.command is None else f"no command {asked.command!r}"
    raise RequestError(
        f"{what}; the commands are: {', '.join(cli.COMMANDS)}; bntheory --help tells more"
    )
