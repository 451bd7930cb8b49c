"""The dataset of a sweep: one Zarr store, written task by task, that a killed sweep goes on with.

Its dimensions are the axes and ``check``, and each task has a chunk of its own in every variable.
A chunk is put in place whole or not at all, and the task's ``state`` is written last: until then
the task is not done, whatever else is there.  Which checks there are is learned from the tasks;
where a task does not have one there is nan.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bntheory.sweeps.axes import Axis
from bntheory.sweeps.task import Failed
from bntheory.verdict import Check, Validation

if TYPE_CHECKING:
    import xarray as xr

#: What is kept of each check, and what tells checks apart.
VALUES = ("predicted", "measured", "standard_error", "margin", "verdict")
LABELS = ("system", "quantity", "form")

#: What is kept of each task.
OF_TASKS = ("state", "seconds", "error")

#: What text is in place of, where nothing is written yet; numbers are nan.
EMPTY = {"state": "todo", "error": "", "verdict": ""}

#: So many checks of a task are in one chunk.
CHUNK = 64

Where = tuple[int, ...]


class Refused(ValueError):
    """A path is not the dataset of this sweep, or cannot be written."""


class Dataset:
    """The dataset of a sweep, open for writing: :meth:`of` makes or finds it."""

    def __init__(self, path: Path, group: Any) -> None:
        self._path = path
        self._versions = group.attrs["versions"]
        self._arrays = dict(group.arrays())
        # a sweep may have been killed as it made room for labels and wrote them, the form last
        written = zip(*(map(str, self._arrays[name][...]) for name in LABELS), strict=False)
        self._labels = [label for label in written if label[-1]]
        self._make_room()

    @classmethod
    @contextmanager
    def of(cls, path: Path, head: Mapping[str, Any], swept: Sequence[Axis]) -> Iterator[Dataset]:
        """Make the dataset of a sweep or take up what is there of it, for one process alone.

        Parameters
        ----------
        path : Path
            Of the dataset.
        head : mapping
            What has to agree for tasks to belong together, besides the axes: the id, the seed and
            the size where they are not swept over, the device, the versions.  JSON.
        swept : sequence of Axis
            The axes.

        Raises
        ------
        Refused
            If something else is there, another process writes to it, or nothing can be written.
        """
        from filelock import FileLock, Timeout

        if not path.absolute().parent.is_dir():
            raise Refused(f"cannot write {str(path)!r}: there is no directory {str(path.parent)!r}")
        lock = FileLock(f"{path}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise Refused(f"{str(path)!r} is being written by another sweep") from None
        except OSError as error:
            raise Refused(f"cannot write {str(path)!r}: {error.strerror}") from None
        try:
            if not path.exists():
                _create(path, head, swept)
            yield cls(path, _opened(path, head, swept))
        finally:
            lock.release()
            Path(lock.lock_file).unlink(missing_ok=True)

    def done(self) -> np.ndarray:
        """Return whether each task is done."""
        return np.asarray(self._arrays["state"][...] == "done")

    def write(self, where: Where, outcome: Validation | Failed) -> Validation | Failed:
        """Write what came of a task.

        Returns
        -------
        Validation or Failed
            The outcome; where it does not belong to this dataset, that it failed.

        Raises
        ------
        Refused
            If it cannot be written.
        """
        if isinstance(outcome, Validation):
            outcome = self._fitting(outcome)
        try:
            if isinstance(outcome, Failed):
                self._put(where, error=outcome.error, state="failed")
            else:
                self._write(where, outcome)
        except OSError as error:
            raise Refused(f"cannot write {str(self._path)!r}: {error.strerror}") from None
        return outcome

    def _write(self, where: Where, outcome: Validation) -> None:
        checks = dict(zip(map(_label, outcome.checks), outcome.checks, strict=True))
        new = [label for label in checks if label not in self._labels]
        if new:
            self._labels += new
            self._make_room()
        for name in VALUES:
            empty = EMPTY.get(name, np.nan)
            row = [getattr(checks.get(label), name, empty) for label in self._labels]
            self._put(where, **{name: np.array(row, dtype=object if name in EMPTY else float)})
        self._put(where, seconds=outcome.seconds, error="", state="done")

    def _fitting(self, outcome: Validation) -> Validation | Failed:
        """Return an outcome, if it is one of this dataset."""
        for name, version in outcome.versions.items():
            if self._versions.get(name) != version:
                own = self._versions.get(name)
                return Failed(f"measured with {name} {version}, and other tasks with {own}")
        if len(set(map(_label, outcome.checks))) < len(outcome.checks):
            return Failed("two of its checks have the same name")
        return outcome

    def _put(self, where: Where, **values: Any) -> None:
        """Write values, the last one last."""
        for name, value in values.items():
            self._arrays[name][where] = value

    def _make_room(self) -> None:
        """Give every variable of checks room for each label, and then write the labels.

        Who reads the dataset goes by what is consolidated last.
        """
        many = len(self._labels)
        for name in (*VALUES, *LABELS):
            array = self._arrays[name]
            array.resize((*array.shape[:-1], many))
        for k, name in enumerate(LABELS):
            self._arrays[name][...] = np.array([label[k] for label in self._labels], dtype=object)
        _consolidate(self._path)


def read(path: Path) -> xr.Dataset:
    """Return the dataset of a sweep, in memory."""
    import xarray as xr

    with xr.open_zarr(path, chunks=None) as found:
        return found.load()


def _label(check: Check) -> tuple[str, ...]:
    return tuple(getattr(check, name) for name in LABELS)


def _create(path: Path, head: Mapping[str, Any], swept: Sequence[Axis]) -> None:
    """Make a dataset without results, in one piece."""
    import zarr

    part = path.with_name(f"{path.name}.part")
    sizes = {axis.name: len(axis.values) for axis in swept}
    # xarray takes the labels of checks for coordinates
    attributes = {**head, "axes": [*sizes], "coordinates": " ".join(LABELS)}
    try:
        group = zarr.create_group(part, attributes=attributes, overwrite=True)
        for axis in swept:
            text = isinstance(axis.values[0], str)
            values = np.array(axis.values, dtype=object if text else None)
            group.create_array(
                axis.name, shape=values.shape, dtype=str if text else values.dtype,
                dimension_names=[axis.name],
            )[...] = values  # fmt: skip
        for name in (*OF_TASKS, *VALUES, *LABELS):
            tasks = {} if name in LABELS else sizes
            checks = {} if name in OF_TASKS else {"check": 0}
            group.create_array(
                name,
                shape=(*tasks.values(), *checks.values()),
                chunks=(*(1 for _ in tasks), *(CHUNK for _ in checks)),
                dtype=str if name in EMPTY or name in LABELS else "float64",
                fill_value="" if name in LABELS else EMPTY.get(name, np.nan),
                dimension_names=[*tasks, *checks],
            )
        _consolidate(part)
        part.rename(path)
    except OSError as error:
        raise Refused(f"cannot write {str(path)!r}: {error.strerror}") from None


def _opened(path: Path, head: Mapping[str, Any], swept: Sequence[Axis]) -> Any:
    """Open a dataset, which has to be of this sweep."""
    import zarr

    elsewhere = "move it away or name another with --results"
    try:
        group: Any = zarr.open_group(path, mode="r+", use_consolidated=False)
        found = {name: group.attrs[name] for name in head}
        axes = [(name, tuple(group[name][...].tolist())) for name in group.attrs["axes"]]
        known = dict(group.arrays())
        whole = all(name in known for name in (*OF_TASKS, *VALUES, *LABELS))
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        if isinstance(error, PermissionError):
            raise Refused(f"cannot read {str(path)!r}: {error.strerror}") from None
        whole = False
    if not whole:
        raise Refused(f"{str(path)!r} is not the dataset of a sweep; {elsewhere}")
    other = [name for name, value in head.items() if found[name] != value]
    if axes != [(axis.name, axis.values) for axis in swept]:
        other.append("axes")
    if other:
        raise Refused(f"{str(path)!r} was made with other {' and '.join(other)}; {elsewhere}")
    return group


def _consolidate(path: Path) -> None:
    """Copy the description of all variables to one place, where xarray looks for it first."""
    import zarr

    with warnings.catch_warnings():  # Zarr warns that its standard does not have this yet
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(path)
