"""Commands that are interrupted or killed at any moment: files are whole, and the next run goes on.

Each command is run to its end first.  Then, in another folder, it is stopped twice at moments drawn
from the time that it took, once by Ctrl-C and once by SIGKILL, and run to its end: what it has
written comes to the same.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

import bntheory

ROOT = Path(bntheory.__file__).parents[1]

#: The command says when it begins: before that the interpreter starts, which nobody can help.
BEGIN = (
    "import sys\nfrom bntheory import cli\nprint('begins', file=sys.stderr, flush=True)\n"
    "sys.exit(cli.main(sys.argv[1:]))"
)

COMMANDS = {
    "audit": "audit eq1 eq2 eq7 --state state --format json --output audit.json",
    "symbolic audit": "audit eq1 eq2 prop4 --no-simulation --format html --output audit.html",
    "validate": "validate c3-moments --format json --output found.json",
    "sweep": "validate eq7 --over seed=1:2:2 --results eq7.zarr --format json --output sweep.json",
    "points": "figures fig1a --neurons 126 --replicas 2",
    "networks": "figures fig4 --images 300 --epochs 3 --width 2 --replicas 1",
}

#: What differs from run to run.
SECONDS = re.compile(r'"seconds": [^,\n}]*|\d+(?:\.\d+)? s\b')


def begun(command: str, folder: Path) -> subprocess.Popen[str]:
    """Start a command, in processes of a group of its own."""
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN, *command.split()], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert process.stderr is not None and process.stderr.readline() == "begins\n"
    return process


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for the end, and for the processes that it has started; return what it complained of."""
    _, said = process.communicate(timeout=300)
    last = monotonic() + 30
    while monotonic() < last:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return said
        sleep(0.02)
    raise AssertionError("a process is left")


def files(folder: Path) -> Iterator[Path]:
    """Yield the files that have a final name."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(re.search(r"\.part$|\.lock$", part) for part in parts):
            yield path


def contents(folder: Path) -> dict[str, Any]:
    """Return what is in the files, without times; a file that is not whole is an error."""
    found: dict[str, Any] = {}
    for path in files(folder):
        name = str(path.relative_to(folder))
        if ".zarr" in name:
            continue
        if path.suffix == ".png":
            found[name] = path.read_bytes()
            assert found[name].endswith(b"IEND\xaeB`\x82"), name
        elif path.suffix == ".pt":
            import torch

            torch.load(path, weights_only=True)
        else:
            text = path.read_text(encoding="utf-8")
            found[name] = SECONDS.sub("", text)
            if path.suffix == ".json":
                json.loads(text)
            elif path.suffix == ".html":
                assert text.rstrip().endswith("</html>"), name
            elif path.suffix == ".jsonl":  # the last line may be that at which it was killed
                [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]
    for path in folder.glob("*.zarr"):
        from bntheory.sweeps.dataset import read

        found[path.name] = read(path).drop_vars("seconds").to_dict()
    return found


@pytest.mark.skipif(os.name != "posix", reason="groups of processes")
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_at_any_moment(name: str, tmp_path: Path) -> None:
    command, chance = COMMANDS[name], random.Random()
    started = monotonic()
    whole = begun(command, tmp_path / "whole")
    ended(whole)
    took = monotonic() - started
    assert whole.returncode == 0
    wanted, folder = contents(tmp_path / "whole"), tmp_path / "stopped"
    assert wanted
    for sent in (signal.SIGINT, signal.SIGKILL):
        process, moment = begun(command, folder), chance.uniform(0, took)
        sleep(moment)
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)  # as a terminal does
        else:
            process.kill()
        said = ended(process)
        at = f"{sent.name} after {moment:.2f} s of {took:.2f}: {said}"
        assert process.returncode in (0, 130 if sent == signal.SIGINT else -sent), at
        assert "Traceback" not in said, at
        if process.returncode == 130:
            assert re.fullmatch(r"bntheory \w+: interrupted(: .*)?", said.splitlines()[-1]), at
        print(at)
        contents(folder)
    process = begun(command, folder)
    said = ended(process)
    assert process.returncode == 0, said
    assert contents(folder) == wanted
    shutil.rmtree(tmp_path)
