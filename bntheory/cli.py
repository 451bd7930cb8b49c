"""What the commands share, and the console entry ``bntheory COMMAND ...``.

Exit status: 0, the toolkit's own results held; 1, one of them failed; 2, the request was wrong;
130, interrupted by Ctrl-C.
Results go to stdout, and everything else to stderr.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, TextIO

from bntheory.interrupts import noted
from bntheory.parser import Parser as Parser
from bntheory.parser import RequestError as RequestError

#: The commands, each a module of its own with a function ``main(argv)``.
COMMANDS = {
    "derive": "derive statements of the paper and check each step",
    "validate": "measure what they predict on the real system",
    "audit": "give a verdict on every statement, from both",
    "figures": "draw the paper's figures, from simulated points and trained networks",
}

HELD, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``bntheory COMMAND ...`` and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        name = arguments.pop(0)
        return run(f"bntheory {name}", lambda given: loaded(name).main(given), arguments)
    return run("bntheory", _overview, arguments)


def loaded(command: str) -> Any:
    """Return the module of a command."""
    return import_module(f"bntheory.{command}")


def _overview(argv: Sequence[str]) -> int:
    from bntheory import overview

    return overview.answer(argv)


def run(name: str, command: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    """Run a command; errors of the request become one line on stderr and status 2.

    So does Ctrl-C, with status 130: what a ``KeyboardInterrupt`` is given says how far it was.
    """
    with noted() as interrupts:
        try:
            try:
                return command(argv)
            except SystemExit as done:  # argparse, after --help or --version
                _flush()
                return int(done.code or 0)
        except BaseException as error:
            if interrupts.seen or isinstance(error, KeyboardInterrupt):
                so_far = f": {error}" if isinstance(error, KeyboardInterrupt) and error.args else ""
                complain(name, f"interrupted{so_far}")
                return INTERRUPTED
            if not isinstance(error, RequestError):
                raise
            complain(name, str(error))
            return WRONG


def complain(name: str, message: str) -> None:
    """Write one line to stderr."""
    print(f"{name}: {' '.join(message.split())}", file=sys.stderr)


def write(text: str) -> None:
    """Write to stdout, whatever its encoding, and silently where nobody reads on.

    Raises
    ------
    RequestError
        If it cannot be written.
    """
    if sys.stdout is None:  # closed by the caller
        return
    encoding = sys.stdout.encoding or "ascii"
    try:
        sys.stdout.write(text.encode(encoding, "xmlcharrefreplace").decode(encoding))
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise RequestError(f"cannot write to stdout: {error.strerror}") from None
    _flush()


def cite(modules: Iterable[str] = ()) -> int:
    """Write the BibTeX of what modules use, of the paper and of this software."""
    from bntheory.citing import bibtex

    write(bibtex(modules))
    return HELD


def known_ids(asked: Sequence[str], package: Any, done: str) -> list[str]:
    """Return the ids of statements that are asked for, each of which ``package`` has a file for.

    Raises
    ------
    RequestError
        If there is no such statement, or it is not ``done`` yet.
    """
    from bntheory.paper import UnknownStatement

    known = package.available()
    try:
        ids = [package.find(id).id for id in asked]
    except UnknownStatement as error:
        raise RequestError(str(error)) from None
    for id in ids:
        if id not in known:
            raise RequestError(f"{id} is not {done} yet; {done} so far: {', '.join(known)}")
    return ids


def require_device(device: str, otherwise: str = "") -> None:
    """Complain if nothing can be simulated there.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``.
    otherwise : str
        What would do without.

    Raises
    ------
    RequestError
        If PyTorch is not installed, or there is no such device.
    """
    try:
        from bntheory.simulation.run import Run
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise RequestError(
            f"measuring needs PyTorch: pip install 'bntheory[torch]'{otherwise}"
        ) from None
    try:
        Run(device=device)
    except ValueError as error:
        raise RequestError(str(error)) from None


def show(render: Callable[..., str], format: str, output: str | None) -> None:
    """Write what is rendered to a file or to stdout, in ASCII where stdout has nothing else.

    Parameters
    ----------
    render : callable
        Takes ``use_unicode``, which only text minds.
    format : str
        Of what is rendered.
    output : str or None
        A file, or None for stdout.

    Raises
    ------
    RequestError
        If it cannot be written.
    """
    text = render()
    if output is not None:
        write_file(output, text)
        return
    if format != "text":
        write(text)
    else:
        say(text if can_show(text) else render(use_unicode=False))


def say(text: str) -> None:
    """Write text to stdout, its verdicts in colour where that is a terminal that wants it."""
    from bntheory.rendering import color

    write(color.painted(text) if color.wanted(sys.stdout) else text)


def moves(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal on which a line can take the place of another."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def can_show(text: str) -> bool:
    """Whether stdout has all characters of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _flush() -> None:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise RequestError(f"cannot write to stdout: {error.strerror}") from None


def _silence() -> None:
    """Let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_writable(path: str) -> None:
    """Complain about a file that cannot be written before the work is done.

    Raises
    ------
    RequestError
        If ``path`` is a directory, or lies in none, or may not be written.
    """
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise RequestError(f"cannot write {path!r}: it is a directory; name a file")
    if not os.path.isdir(folder):
        raise RequestError(f"cannot write {path!r}: there is no directory {folder!r}")
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise RequestError(f"cannot write {path!r}: permission denied")


def write_file(path: str, text: str) -> None:
    """Write a file in one piece, or leave it as it was.

    Raises
    ------
    RequestError
        If it cannot be written.
    """
    target = os.path.realpath(path)
    part = f"{target}.{os.getpid()}.part"
    try:
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            target = part = path  # a device or a pipe is written to, and not replaced
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if part != target:
            os.replace(part, target)
    except OSError as error:
        raise RequestError(f"cannot write {path!r}: {error.strerror}") from None
    finally:
        if part != target:
            with suppress(OSError):  # it is there no more, unless it was in vain
                os.unlink(part)
