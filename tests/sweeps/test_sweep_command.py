"""Sweeps by the command: resumed after being killed, with failures, here and on a cluster."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from distributed import LocalCluster
from made_up import Statements, alive, put_first, until

from bntheory import validate
from bntheory.sweeps import cluster, local
from bntheory.sweeps.dataset import read
from bntheory.sweeps.task import Outcomes, Task, measure
from bntheory.verdict import Validation

Capture = pytest.CaptureFixture[str]
TASKS = 6
OVER = ["average", "--over", "zeta=0,1.5", "--over", "seed=1:3:3"]


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    """Have a statement that is quickly measured, and be in a folder of its own."""
    made = Statements(tmp_path, seconds=0.3)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.MonkeyPatch.context() as patch:
        put_first(made, patch)
        yield made


def expected() -> xr.DataArray:
    """Measure in this process, one point after the other."""
    import validation

    rows = [
        [validation.validate("average", seed=seed, place={"zeta": zeta}).checks[0].measured
         for seed in (1, 2, 3)]
        for zeta in (0.0, 1.5)
    ]  # fmt: skip
    return xr.DataArray(rows, {"zeta": [0.0, 1.5], "seed": [1, 2, 3]}, ("zeta", "seed"))


def same(found: xr.Dataset) -> bool:
    """Whether all of it is there, to the last digit."""
    wanted = expected()
    values = found.measured.isel(check=0).drop_vars(("system", "quantity", "form"))
    return bool((found.state == "done").all()) and wanted.equals(values)


def states(path: str) -> dict[str, int]:
    if not Path(path).exists():
        return {}
    found, counts = read(Path(path)).state.values.ravel().tolist(), {}
    for state in found:
        counts[state] = counts.get(state, 0) + 1
    return counts


# -- on this machine -----------------------------------------------------------------------------


def test_a_sweep_that_is_killed_goes_on(statements: Statements, capsys: Capture) -> None:
    """SIGKILL to the command: its processes end, and no more is lost than they were at."""
    command = subprocess.Popen(
        [sys.executable, "-m", "bntheory.validate", *OVER], start_new_session=True
    )
    try:
        until(lambda: states("average.zarr").get("done", 0) >= 2)
        command.kill()
        command.wait()
        until(lambda: not any(map(alive, statements.processes())), 20)
    finally:
        command.kill()
    before, begun = states("average.zarr"), statements.begun()
    assert len(begun) - before["done"] <= (os.cpu_count() or 1) and before["done"] < TASKS
    assert validate.main([*OVER, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert err == f"average.zarr has {before['done']} of {TASKS} tasks already\n"
    assert len(statements.begun()) == len(begun) + TASKS - before["done"]
    assert json.loads(out)["done"] == TASKS and same(read(Path("average.zarr")))


def test_tasks_that_fail_are_named_and_the_others_are_done(
    statements: Statements, capsys: Capture
) -> None:
    """One raises, and another one's process is killed; the same command tries them again."""
    over = ["average", "--over", "raises=2", "--over", "kills=3", "--over", "seed=1:4:4"]
    assert validate.main([*over, "--format", "json"]) == 1
    out, err = capsys.readouterr()
    known = json.loads(out)
    assert (known["done"], len(known["failed"])) == (2, 2)
    raised, killed = known["failed"]
    assert raised["point"] == {"raises": 2, "kills": 3, "seed": 2}
    assert killed["point"]["seed"] == 3 and "a process was ended" in killed["reason"]
    assert sorted(err.splitlines()) == [
        f"average at raises = 2, kills = 3, seed = {seed}: failed: {each['reason']}"
        for seed, each in ((2, raised), (3, killed))
    ]
    text = str(read(Path("average.zarr")).error.sel(seed=2).item())
    assert "Traceback" in text and "ValueError: seed 2\nis not liked" in text
    capsys.readouterr()
    assert validate.main(over) == 1  # killed only once
    out, err = capsys.readouterr()
    assert "3 of 4 tasks done, 1 failed" in out
    assert "Failed at raises = 2, kills = 3, seed = 2" in out
    assert len(statements.begun()) == 4 + 2


def test_an_interruption_says_how_far_it_is(
    statements: Statements, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C, or a scheduler that is there no more."""

    def interrupted(by: BaseException) -> Callable[[Sequence[Task]], Outcomes]:
        def outcomes(tasks: Sequence[Task]) -> Outcomes:
            yield tasks[0], measure(tasks[0])
            raise by

        return outcomes

    went_on = "tasks; the same command goes on there\n"
    monkeypatch.setattr(local, "outcomes", interrupted(KeyboardInterrupt()))
    assert validate.main(OVER) == 130
    said = f"bntheory validate: interrupted: average.zarr has 1 of 6 {went_on}"
    assert capsys.readouterr() == ("", said)
    monkeypatch.setattr(local, "outcomes", interrupted(cluster.SchedulerLost("it is gone")))
    assert validate.main(OVER) == 2
    already = "average.zarr has 1 of 6 tasks already\n"
    said = f"{already}average.zarr has 2 of 6 {went_on}bntheory validate: it is gone\n"
    assert capsys.readouterr() == ("", said)


def test_a_refuted_prediction_is_status_1(
    statements: Statements, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: two predictions of six are off by ten margins."""

    def outcomes(tasks: Sequence[Task]) -> Outcomes:
        for task in tasks:
            found = measure(task)
            assert isinstance(found, Validation)
            wrong = replace(found.checks[0], predicted=5.0 + task.point["zeta"])
            yield task, replace(found, checks=(wrong,)) if task.point["seed"] == 2 else found

    monkeypatch.setattr(local, "outcomes", outcomes)
    assert validate.main([*OVER, "--output", "page"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "2  " in Path("page").read_text()
    assert err == (
        "bntheory validate: average: REFUTED at 2 of 6 points: average, normals; the first is "
        "zeta = 0.0, seed = 2\n"
    )
    assert validate.main(OVER) == 1  # and it is what the dataset says, too


WRONG_SWEEPS = [
    (["average", "--executor", "local"], "--executor is for a sweep; name an axis with --over"),
    (["average", "--results", "a.zarr"], "--results is for a sweep; name an axis with --over"),
    (["average", *OVER], "a sweep takes one statement; there are 2"),
    (["average", "--over", "eta=1"], "average has no axis 'eta'; it has zeta, raises, kills, seed"),
    ([*OVER, "--seed", "4"], "--seed 4 and --over seed=...: one of them will do"),
    ([*OVER, "--over", "N=9", "--neurons", "9"], "--neurons 9 and --over N=...: one of them"),
    ([*OVER, "--results", "none/a.zarr"], "there is no directory 'none'"),
    ([*OVER, "--results", "."], "'.' is not the dataset of a sweep; move it away"),
    ([*OVER, "--output", "none/page"], "cannot write 'none/page': there is no directory"),
]


@pytest.mark.parametrize(("argv", "said"), WRONG_SWEEPS)
def test_a_wrong_sweep_is_one_line_and_status_2(
    argv: list[str], said: str, statements: Statements, capsys: Capture
) -> None:
    assert validate.main(argv) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("bntheory validate: ") and err.count("\n") == 1
    assert said in err and not statements.begun()


@pytest.mark.parametrize("library", ["zarr", "filelock", "tqdm", "distributed"])
def test_a_library_that_is_missing_is_named(
    library: str, statements: Statements, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bntheory.sweeps.command.find_spec", lambda name: None if name == library else True
    )
    assert validate.main([*OVER, "--executor", "tcp://127.0.0.1:1"]) == 2
    assert capsys.readouterr().err == (
        f"bntheory validate: a sweep needs {library}: pip install 'bntheory[sweeps]'\n"
    )


# -- on a cluster --------------------------------------------------------------------------------


@pytest.fixture
def dask(statements: Statements) -> Iterator[LocalCluster]:
    """Return a Dask cluster of two processes."""
    with LocalCluster(2, threads_per_worker=1, processes=True, dashboard_address=None) as made:
        yield made


def on(dask: LocalCluster) -> Any:
    """Run the command on a cluster."""
    return subprocess.Popen(
        [sys.executable, "-m", "bntheory.validate", *OVER, "--executor", dask.scheduler_address],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_worker_is_killed(dask: LocalCluster, statements: Statements) -> None:
    """The cluster gives its task to another one, and the numbers are those of one process."""
    command = on(dask)
    until(lambda: len(statements.begun()) == 2)
    killed = statements.processes()[0]
    os.kill(killed, signal.SIGKILL)
    out, err = command.communicate(timeout=60)
    assert command.returncode == 0 and err == ""
    assert "6 of 6 tasks done, 0 failed" in out and same(read(Path("average.zarr")))
    assert killed in statements.processes() and len(statements.begun()) > TASKS


def test_a_scheduler_that_ends_before_the_sweep(
    dask: LocalCluster, statements: Statements, capsys: Capture
) -> None:
    """What is done is kept, and another executor goes on there."""
    command = on(dask)
    until(lambda: states("average.zarr").get("done", 0) >= 1)
    dask.close()
    out, err = command.communicate(timeout=60)
    done = states("average.zarr")["done"]
    assert command.returncode == 2 and out == "" and done < TASKS
    assert err.splitlines() == [
        f"average.zarr has {done} of 6 tasks; the same command goes on there",
        f"bntheory validate: the scheduler at {dask.scheduler_address!r} is there no more",
    ]
    assert validate.main(OVER) == 0 and same(read(Path("average.zarr")))


WRONG = [
    ("tcp://127.0.0.1:{free}", "no scheduler answers at 'tcp://127.0.0.1:"),
    ("127.0.0.1:{silent}", "no scheduler answers at '127.0.0.1:"),
    ("loca", "'loca' is no address of a scheduler, as tcp://HOST:PORT is one"),
    ("gopher://127.0.0.1:70", "unknown address scheme 'gopher'"),
]


@pytest.mark.parametrize(("address", "said"), WRONG)
def test_an_unreachable_scheduler_is_one_line_and_status_2(
    address: str,
    said: str,
    statements: Statements,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ports = {"free": free.getsockname()[1], "silent": silent.getsockname()[1]}
        assert validate.main([*OVER, "--executor", address.format(**ports)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("bntheory validate: ") and err.count("\n") == 1
    assert said in err and not Path("average.zarr").exists()
