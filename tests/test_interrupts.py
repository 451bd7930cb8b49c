"""Ctrl-C: one line and status 130, whatever becomes of it on its way."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence

import pytest

from bntheory import cli
from bntheory.interrupts import noted

Capture = pytest.CaptureFixture[str]


class Finalized:
    """Interrupted in its finalizer, where Python prints an exception and forgets it."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


def plain(argv: Sequence[str]) -> int:
    signal.raise_signal(signal.SIGINT)
    return 0


def turned_into_something_else(argv: Sequence[str]) -> int:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise RecursionError("as of an import") from None
    return 0


def turned_into_a_wrong_request(argv: Sequence[str]) -> int:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise cli.RequestError("measuring needs PyTorch") from None
    return 0


def in_a_finalizer(argv: Sequence[str]) -> int:
    Finalized()
    time.sleep(5)
    return 0


@pytest.mark.parametrize(
    "command", [plain, turned_into_something_else, turned_into_a_wrong_request, in_a_finalizer]
)
def test_whatever_it_becomes(command: Callable[[Sequence[str]], int], capsys: Capture) -> None:
    assert cli.run("bntheory", command, []) == cli.INTERRUPTED == 130
    assert capsys.readouterr() == ("", "bntheory: interrupted\n")


def test_how_far_it_was(capsys: Capture) -> None:
    def command(argv: Sequence[str]) -> int:
        raise KeyboardInterrupt("in eq1; the same command goes on there")

    assert cli.run("bntheory audit", command, []) == 130
    said = "bntheory audit: interrupted: in eq1; the same command goes on there\n"
    assert capsys.readouterr() == ("", said)


def test_other_errors_are_not_hidden() -> None:
    def command(argv: Sequence[str]) -> int:
        raise RecursionError("ours")

    with pytest.raises(RecursionError, match="ours"):
        cli.run("bntheory", command, [])


def test_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with noted():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ignores_interrupts_goes_on_ignoring_them() -> None:
    """As what a shell starts in the background does."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert cli.run("bntheory", plain, []) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
