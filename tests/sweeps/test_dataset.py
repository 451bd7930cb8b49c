"""The dataset: what is written is there, whole, whenever the sweep is killed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from bntheory.sweeps import dataset
from bntheory.sweeps.axes import Axis
from bntheory.sweeps.dataset import Dataset, Refused
from bntheory.sweeps.task import Failed
from bntheory.verdict import Validation

Made = Callable[..., Validation]
AXES = (Axis("eta", (0.5, 1.5)), Axis("activation", ("relu", "erf")), Axis("seed", (0, 7, 2)))
SHAPE = (2, 2, 3)
FIRST, SECOND = (0, 1, 2), (1, 0, 1)


def read(path: Path) -> xr.Dataset:
    """As anybody reads it, with the suite's warnings being errors."""
    with xr.open_zarr(path) as found:
        return found.load()


def test_it_is_labelled(tmp_path: Path, head: dict[str, Any], outcome: Made) -> None:
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, AXES) as written:
        assert not written.done().any() and written.done().shape == SHAPE
        assert dict(read(path).sizes) == {"eta": 2, "activation": 2, "seed": 3, "check": 0}
        written.write(FIRST, outcome(0.25, -2.0))
        written.write(SECOND, Failed("Traceback\nValueError: why"))
    found = read(path)
    assert found.attrs.items() >= head.items()
    assert (found.eta.values == [0.5, 1.5]).all() and (found.seed.values == [0, 7, 2]).all()
    here = found.sel(eta=0.5, activation="erf", seed=2)
    assert here.state == "done" and here.seconds == 0.5 and here.error == ""
    assert here.measured.values.tolist() == [0.25, -2.0] and (here.predicted == 0).all()
    assert (here.standard_error == 0.1).all() and (here.margin == 1).all()
    assert here.verdict.values.tolist() == ["confirmed", "refuted"]
    assert {"system", "quantity", "form"} <= set(here.coords)
    assert here.quantity.values.tolist() == ["q0", "q1"] and (here.form == "derived").all()
    other = found.isel(dict(zip(AXES_NAMES, SECOND, strict=True)))
    assert other.state == "failed" and "ValueError: why" in str(other.error.item())
    assert (found.state == "todo").sum() == 10 and np.isnan(found.measured.values).sum() == 22


AXES_NAMES = [axis.name for axis in AXES]


def test_every_task_has_chunks_of_its_own(
    tmp_path: Path, head: dict[str, Any], outcome: Made
) -> None:
    """So that writing one touches no other."""
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, AXES) as written:
        written.write(FIRST, outcome(*range(100)))
        before = {file: file.stat().st_mtime_ns for file in path.rglob("c/*") if file.is_file()}
        written.write(SECOND, outcome(*range(100)))
    assert before == {file: file.stat().st_mtime_ns for file in before}
    assert read(path).measured.isel(eta=0, activation=1, seed=2).values.tolist() == [*range(100)]


def test_tasks_may_have_checks_that_others_do_not_have(
    tmp_path: Path, head: dict[str, Any], outcome: Made
) -> None:
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, AXES) as written:
        written.write(FIRST, outcome(0.25))
    with Dataset.of(path, head, AXES) as written:
        written.write(SECOND, outcome(0.5, 2.0, form="printed"))
        written.write((0, 0, 0), outcome(0.75))
    found = read(path)
    assert found.form.values.tolist() == ["derived", "printed", "printed"]
    values = found.measured.values
    np.testing.assert_array_equal(values[FIRST], [0.25, np.nan, np.nan])
    np.testing.assert_array_equal(values[SECOND], [np.nan, 0.5, 2.0])
    np.testing.assert_array_equal(values[0, 0, 0], [0.75, np.nan, np.nan])
    assert found.verdict.values[SECOND].tolist() == ["", "confirmed", "refuted"]


def test_what_does_not_belong_is_a_failed_task(
    tmp_path: Path, head: dict[str, Any], outcome: Made
) -> None:
    with Dataset.of(tmp_path / "a.zarr", head, AXES) as written:
        found = written.write(FIRST, outcome(0.1, versions={"bntheory": "0", "torch": "3"}))
        assert found == Failed("measured with torch 3, and other tasks with 2")
        twice = outcome(0.1)
        both = Validation("thm1", "", "", twice.checks * 2, 1, "cpu", twice.versions, 0.1)
        assert written.write(FIRST, both) == Failed("two of its checks have the same name")
        assert not written.done().any()
        written.write(FIRST, twice)  # and it can be done again
        assert written.done()[FIRST] and written.done().sum() == 1
    assert (read(tmp_path / "a.zarr").error == "").all()


# -- killed at any moment ------------------------------------------------------------------------


class Killed(BaseException):
    """As if the process were killed: nothing after it happens."""


ETA, ONE, TWO = AXES[:1], (0,), (1,)


def survives(
    folder: Path, head: dict[str, Any], outcome: Made, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Whether a task is done or not done, whichever of its writings was the last one."""
    complete = []
    with Dataset.of(folder / "begun.zarr", head, ETA) as written:
        written.write(ONE, outcome(0.25))
    for last in count():
        path = folder / f"{last}.zarr"
        copytree(folder / "begun.zarr", path)
        with Dataset.of(path, head, ETA) as written:
            killed = _written_until(last, written, outcome(0.5, -2.0), monkeypatch)
        with Dataset.of(path, head, ETA) as again:
            found = read(path)
            assert again.done()[ONE] and found.measured.values[ONE][0] == 0.25
            values = found.measured.values[TWO].tolist(), found.verdict.values[TWO].tolist()
            whole = values == ([0.5, -2.0], ["confirmed", "refuted"])
            complete.append(whole or not again.done()[TWO])
            again.write(TWO, outcome(0.5, -2.0))
        assert read(path).measured.values[TWO].tolist() == [0.5, -2.0]
        if not killed:
            assert last > 10
            return all(complete)
    raise AssertionError


def _written_until(
    last: int, written: Dataset, outcome: Validation, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Write the second task, but for what comes after so many changes of the store."""
    left = iter(range(last))

    def counted(own: Any) -> Any:
        def change(self: Any, *given: Any, **more: Any) -> Any:
            if next(left, None) is None:
                raise Killed
            return own(self, *given, **more)

        return change

    with monkeypatch.context() as patch:
        for name in ("__setitem__", "resize"):
            patch.setattr(zarr.Array, name, counted(getattr(zarr.Array, name)))
        patch.setattr(zarr, "consolidate_metadata", counted(zarr.consolidate_metadata))
        try:
            written.write(TWO, outcome)
        except Killed:
            return True
    return False


def test_a_task_is_done_or_not_done(
    tmp_path: Path, head: dict[str, Any], outcome: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert survives(tmp_path, head, outcome, monkeypatch)


def test_a_task_that_is_said_to_be_done_before_it_is_written_is_found(
    tmp_path: Path, head: dict[str, Any], outcome: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the state is written first."""
    own = Dataset.write

    def wrong(self: Dataset, where: Any, what: Any) -> Any:
        self._put(where, state="done")
        return own(self, where, what)

    monkeypatch.setattr(Dataset, "write", wrong)
    assert not survives(tmp_path, head, outcome, monkeypatch)


# -- what else may be there ----------------------------------------------------------------------


def refused(path: Path, head: dict[str, Any], axes: tuple[Axis, ...] = AXES) -> str:
    with pytest.raises(Refused) as raised, Dataset.of(path, head, axes):
        pass
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_other_sweeps_are_refused(tmp_path: Path, head: dict[str, Any]) -> None:
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, AXES):
        pass
    elsewhere = "; move it away or name another with --results"
    for name, value in (("id", "c2"), ("seed", 1), ("neurons", None), ("device", "cuda")):
        said = refused(path, {**head, name: value})
        assert said == f"{str(path)!r} was made with other {name}{elsewhere}"
    versions = {**head["versions"], "torch": "3"}
    assert "with other id and versions;" in refused(path, {**head, "id": "", "versions": versions})
    more = (Axis("eta", (0.5, 1.5, 2.5)), *AXES[1:])
    for axes in (AXES[:2], AXES[::-1], more, (*AXES, Axis("M", (1,)))):
        assert "was made with other axes;" in refused(path, head, axes)
    with Dataset.of(path, head, AXES):
        pass


def test_what_is_no_dataset_is_left_alone(tmp_path: Path, head: dict[str, Any]) -> None:
    text, folder, other, damaged = (tmp_path / name for name in "abcd")
    text.write_text("mine")
    folder.mkdir()
    zarr.create_group(other, attributes=dict(head))
    with Dataset.of(damaged, head, AXES):
        pass
    (damaged / "state" / "zarr.json").write_text("{")
    for path in (text, folder, other, damaged):
        assert "is not the dataset of a sweep; move it away" in refused(path, head)
    assert text.read_text() == "mine" and not list(folder.iterdir())
    assert {path.name for path in tmp_path.iterdir()} == set("abcd")


def test_where_nothing_can_be_written(tmp_path: Path, head: dict[str, Any]) -> None:
    said = refused(tmp_path / "none" / "a.zarr", head)
    assert said.endswith(f"there is no directory {str(tmp_path / 'none')!r}")
    assert not list(tmp_path.iterdir())


def test_one_process_writes_at_a_time(tmp_path: Path, head: dict[str, Any]) -> None:
    path = tmp_path / "a.zarr"
    with Dataset.of(path, head, AXES):
        assert "is being written by another sweep" in refused(path, head)
    assert [each.name for each in tmp_path.iterdir()] == ["a.zarr"]


def test_it_is_made_in_one_piece(
    tmp_path: Path, head: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it is made, it is not there."""

    def killed(_: Path) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(dataset, "_consolidate", killed)
        with pytest.raises(Killed), Dataset.of(tmp_path / "a.zarr", head, AXES):
            pass
    assert not (tmp_path / "a.zarr").exists()
    with Dataset.of(tmp_path / "a.zarr", head, AXES) as written:
        assert not written.done().any()


def test_a_full_disk_is_said(
    tmp_path: Path, head: dict[str, Any], outcome: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.zarr"
    for what in (outcome(0.5), Failed("why")):
        with Dataset.of(path, head, AXES) as written, monkeypatch.context() as patch:
            patch.setattr(zarr.Array, "__setitem__", full)
            with pytest.raises(Refused, match="cannot write .*a.zarr': No space left on device"):
                written.write(FIRST, what)
    with Dataset.of(path, head, AXES) as written:
        assert not written.done().any()
        written.write(FIRST, outcome(0.5))
    assert read(path).measured.values[FIRST].tolist() == [0.5]
