"""The data file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bntheory.panels.panel import Panel, Settings
from bntheory.panels.points import Training, measure, trainings
from bntheory.panels.store import NoData, Store, head

SETTINGS = Settings(neurons=32, replicas=2, seed=1, device="cpu")


@pytest.fixture
def training(short: dict[str, Panel]) -> Training:
    return next(trainings("fig1a", short["fig1a"], SETTINGS))


@pytest.fixture
def kept(tmp_path: Path, training: Training) -> Store:
    """Return what was written to a file."""
    store = Store(tmp_path / "a.json", head("fig1a", "title", SETTINGS), measure(training))
    store.write([{"id": "curve", "error": [1.0, float("inf"), float("nan")]}], [])
    return store


def again(store: Store, settings: Settings = SETTINGS, id: str = "fig1a") -> Store:
    return Store(store.path, head(id, "title", settings))


def test_points_are_taken_up_as_they_were(kept: Store, training: Training) -> None:
    store = again(kept)
    store.resume()
    assert store.points == kept.points
    assert store.has(training) and store.of(training) == kept.points


def test_without_a_file_there_is_nothing_to_take_up(tmp_path: Path, training: Training) -> None:
    store = Store(tmp_path / "none.json", head("fig1a", "title", SETTINGS))
    store.resume()
    assert not store.has(training)


@pytest.mark.parametrize(
    "settings",
    [
        replace(SETTINGS, neurons=33),
        replace(SETTINGS, replicas=3),
        replace(SETTINGS, seed=2),
        replace(SETTINGS, device="cuda"),
    ],
)
def test_other_settings_are_refused(kept: Store, settings: Settings) -> None:
    with pytest.raises(NoData, match="was made with other (settings|device)"):
        again(kept, settings).resume()


def test_other_figures_and_versions_are_refused(kept: Store) -> None:
    with pytest.raises(NoData, match="was made with other id"):
        again(kept, id="fig1b").resume()
    store = again(kept)
    store.head["versions"] = {**store.head["versions"], "torch": "0"}
    with pytest.raises(NoData, match="was made with other versions"):
        store.resume()


def test_another_training_is_not_there(kept: Store, training: Training) -> None:
    store = again(kept)
    store.resume()
    for other in ({"alpha": 0.7}, {"eta": 1.0}, {"L0": 1.0}, {"batch": 4}, {"epochs": (2, 4)}):
        assert not store.has(replace(training, **other)), other  # type: ignore[arg-type]


def test_a_training_of_another_length_beside_it(kept: Store, training: Training) -> None:
    """As after a change of the panel: the points of both are there, each its own."""
    longer = replace(training, epochs=(training.epochs[-1] + 1,))
    assert not kept.has(longer)
    kept.points = [*measure(longer), *kept.points]
    assert [point["epoch"] for point in kept.of(longer)] == list(longer.epochs)
    assert [point["epoch"] for point in kept.of(training)] == list(training.epochs)


def test_the_file_is_json_that_anyone_can_read(kept: Store) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    data = json.loads(kept.path.read_text(encoding="utf-8"), parse_constant=refuse)
    assert data["curves"][0]["error"] == [1.0, None, None]
    assert data["settings"] == {"neurons": 32, "replicas": 2, "seed": 1}
    assert data["device"] == "cpu" and {"bntheory", "python", "torch", "numpy"} == set(
        data["versions"]
    )


def damages() -> dict[str, bytes]:
    return {
        "empty": b"",
        "not json": b"{'a': 1}",
        "no utf-8": b"\xff\xfe{}",
        "another file": b'{"name": "package", "version": "1"}',
        "a list": b"[]",
        "a number": b"3",
        "points of another kind": b'{"id": 1, "title": 1, "settings": 1, "device": 1, '
        b'"versions": 1, "points": [3]}',
        "deep": b"[" * 100_000,
    }


@pytest.mark.parametrize("content", damages().values(), ids=damages())
def test_what_is_no_data_file_is_left_alone(kept: Store, content: bytes) -> None:
    kept.path.write_bytes(content)
    with pytest.raises(NoData, match="is damaged, or not the data of a figure; move it away"):
        again(kept).resume()
    assert kept.path.read_bytes() == content


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_damaged(kept: Store, part: float) -> None:
    whole = kept.path.read_bytes()
    kept.path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(NoData):
        again(kept).resume()
