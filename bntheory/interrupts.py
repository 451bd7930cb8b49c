"""Ctrl-C, at whatever moment it comes, ends a command in one way.

Python turns SIGINT into a ``KeyboardInterrupt`` wherever the main thread is.  In the midst of an
import it may come out as another error, or as endless recursion; in a finalizer it is printed and
forgotten.  So it is noted that there was one: whatever comes out then is an interruption, and one
that was forgotten is raised again.
"""

from __future__ import annotations

import _thread
import atexit
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from types import FrameType
from typing import Any


class Interrupts:
    """Whether there was an interruption."""

    def __init__(self) -> None:
        self.seen = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGINT."""
        self.seen = True
        signal.default_int_handler(number, frame)


@contextmanager
def noted() -> Iterator[Interrupts]:
    """Note interruptions, where a ``KeyboardInterrupt`` is what they become."""
    interrupts = Interrupts()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupts  # not ours to handle, as in a process that ignores it
        return
    hook = sys.unraisablehook
    signal.signal(signal.SIGINT, interrupts.note)
    sys.unraisablehook = partial(_raised_again, hook)
    try:
        yield interrupts
        _ignored_at_exit()
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _raised_again(otherwise: Any, unraisable: Any) -> None:
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        # by another thread: raised here, it would be lost as before
        again = threading.Timer(0.01, _thread.interrupt_main)
        again.daemon = True
        again.start()
    else:
        otherwise(unraisable)


@cache
def _ignored_at_exit() -> None:
    """Ignore what comes when all is done and the interpreter takes itself down."""
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
