"""What a shell completes: commands, options, their choices, files, and the ids of statements.

The scripts are made by shtab from the parsers of the commands, and call nothing: completing is a
matter of the shell alone.  They know the ids that there were when they were printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """Return the script for one of :data:`SHELLS`."""
    import shtab

    from bntheory import cli, overview

    parser = overview.parser()
    commands = parser.add_subparsers(parser_class=argparse.ArgumentParser)
    for name, what in cli.COMMANDS.items():
        own = cli.loaded(name).parser()
        for action in own._actions:
            if action.dest == "id":
                action.choices = list(_ids(name))
            elif action.metavar in ("FILE", "DIR"):
                files = action.metavar == "FILE"
                action.complete = shtab.FILE if files else shtab.DIRECTORY
        commands.add_parser(name, help=what, parents=[own], add_help=False)
    found: str = shtab.complete(parser, shell)
    return found


def _ids(command: str) -> Iterable[str]:
    """Return what a command may be asked for."""
    if command == "figures":
        from bntheory import figures

        return figures.titles()
    if command == "audit":
        from bntheory.paper import BY_ID

        return BY_ID
    if command == "validate":
        import validation

        return validation.available()
    import derivations

    return derivations.available()
