"""Memory that a process keeps, by the pages that the system has to give it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PAGES = """
from resource import RUSAGE_SELF, getrusage

import torch

from bntheory.experiments.machine import keep_memory

{call}
for _ in range(40):  # it takes some until the pieces lie as they do from then on
    before = getrusage(RUSAGE_SELF).ru_minflt
    torch.ones(2**24)
    print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
@pytest.mark.parametrize(("call", "kept"), [("keep_memory()", True), ("", False)])
def test_memory_is_kept(call: str, kept: bool) -> None:
    command = [sys.executable, "-c", PAGES.format(call=call)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    *_, last = map(int, done.stdout.split())
    assert last < 1000 if kept else last > 10_000
