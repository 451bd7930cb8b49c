"""The published files, whole and broken, and the digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bntheory.experiments.images import NoImages, digits, read


def records(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, bytes]:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    return (
        images,
        labels,
        b"".join(bytes([y]) + x.tobytes() for x, y in zip(images, labels, strict=True)),
    )


def cifar(folder: Path, batches: dict[int, int]) -> None:
    folder.mkdir(exist_ok=True)
    for k, count in batches.items():
        (folder / f"data_batch_{k}.bin").write_bytes(records(count, k)[2])
    (folder / "test_batch.bin").write_bytes(records(4, 9)[2])


@pytest.mark.parametrize("inside", [False, True])
def test_cifar10(tmp_path: Path, inside: bool) -> None:
    cifar(tmp_path / "cifar-10-batches-bin" if inside else tmp_path, {1: 5, 2: 5, 3: 5, 4: 5, 5: 5})
    found = read(tmp_path)
    assert found.id == "cifar10" and found.classes == 10 and found.flips
    assert found.name == "CIFAR-10, 25 of 50,000 training images"
    assert found.train.shape == (25, 3, 32, 32) and found.train.dtype == np.uint8
    for k in range(5):
        images, labels, _ = records(5, k + 1)
        part = slice(5 * k, 5 * k + 5)
        assert (found.train[part] == images).all() and (found.train_labels[part] == labels).all()
    images, labels, _ = records(4, 9)
    assert (found.validation == images).all() and (found.validation_labels == labels).all()


def test_some_batches_count_for_as_many_images_as_they_have(tmp_path: Path) -> None:
    cifar(tmp_path, {2: 5, 4: 3})
    found = read(tmp_path)
    assert found.name == "CIFAR-10, 8 of 50,000 training images"
    few = found.first(6)
    assert few.name == "CIFAR-10, 6 training images" and len(few.train_labels) == 6
    assert (few.train == found.train[:6]).all() and len(few.validation) == 4
    with pytest.raises(NoImages, match="there are 8 training images and not 9"):
        found.first(9)


def archives(folder: Path, **changes: object) -> None:
    rng = np.random.default_rng(0)
    for name, count in (("train_data_batch_1", 6), ("train_data_batch_3", 3), ("val_data", 4)):
        known = {
            "data": rng.integers(0, 256, (count, 3072), dtype=np.uint8),
            "labels": np.array([7, 300, 7, 999, 300, 7])[:count],
        }
        np.savez(folder / f"{name}.npz", **{**known, **changes})


def test_imagenet32(tmp_path: Path) -> None:
    archives(tmp_path)
    found = read(tmp_path)
    assert found.name == "ImageNet 32x32 with 3 classes, 9 of 1,281,167 training images"
    assert found.train.shape == (9, 3, 32, 32) and found.classes == 3
    assert found.train_labels.tolist() == [0, 1, 0, 2, 1, 0, 0, 1, 0]
    assert found.validation_labels.tolist() == [0, 1, 0, 2]
    with np.load(tmp_path / "val_data.npz") as archive:
        assert (found.validation.reshape(4, -1) == archive["data"]).all()


def test_digits() -> None:
    found = digits()
    assert found.train.shape == (1000, 1, 8, 8) and found.validation.shape == (797, 1, 8, 8)
    assert found.train.max() == 255 and set(found.train_labels) == set(range(10))
    assert read(None).id == "digits" and not found.flips


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "touched",))

    archives(tmp_path)
    np.savez(tmp_path / "val_data.npz", data=np.array([Trap()], dtype=object), labels=[1])
    with pytest.raises(NoImages, match="'val_data.npz' is truncated or another file|val_data"):
        read(tmp_path)
    assert not (tmp_path / "touched").exists()


def test_what_is_missing_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        NoImages, match="there is no folder .*nowhere'; expected is one with data_b"
    ):
        read(tmp_path / "nowhere")
    with pytest.raises(NoImages, match="has no data set; expected are data_batch_1.bin"):
        read(tmp_path)
    cifar(tmp_path, {1: 5})
    (tmp_path / "test_batch.bin").unlink()
    with pytest.raises(NoImages, match="'test_batch.bin' is missing in"):
        read(tmp_path)
    cifar(tmp_path, {1: 5})
    whole = (tmp_path / "data_batch_1.bin").read_bytes()
    for broken in (whole[:-1], b""):
        (tmp_path / "data_batch_1.bin").write_bytes(broken)
        with pytest.raises(
            NoImages, match="data_batch_1.bin' is truncated or another file: it has"
        ):
            read(tmp_path)
    (tmp_path / "data_batch_1.bin").write_bytes(bytes([10]) + whole[1:])
    with pytest.raises(NoImages, match="a label is 10, and expected are 0 to 9"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": np.ones(2, int)}, "'labels' \\(2,\\); expected are uint8 \\(n, 3072\\)"),
        ({"data": np.ones((6, 3072))}, "has 'data' float64 \\(6, 3072\\)"),
        ({"data": np.ones((6, 12288), np.uint8)}, "has 'data' uint8 \\(6, 12288\\)"),
        ({"data": np.ones((0, 3072), np.uint8), "labels": np.ones(0, int)}, "has no images"),
    ],
)
def test_other_archives(tmp_path: Path, changes: dict[str, np.ndarray], said: str) -> None:
    archives(tmp_path, **changes)
    with pytest.raises(NoImages, match=said):
        read(tmp_path)


def test_archives_that_are_none(tmp_path: Path) -> None:
    archives(tmp_path)
    path = tmp_path / "train_data_batch_1.npz"
    whole = path.read_bytes()
    np.savez(tmp_path / "other.npz", images=np.ones(3))
    np.save(tmp_path / "other.npy", np.ones(3))
    others = [(tmp_path / f"other.{kind}").read_bytes() for kind in ("npz", "npy")]
    for broken in (whole[:-500], b"", b"no archive", *others):
        path.write_bytes(broken)
        with pytest.raises(
            NoImages, match="batch_1.npz' is truncated or another file; expected is"
        ):
            read(tmp_path)
    path.write_bytes(whole)
    np.savez(tmp_path / "val_data.npz", data=np.ones((1, 3072), np.uint8), labels=[8])
    with pytest.raises(NoImages, match="val_data.npz has class 8, of which there are no training"):
        read(tmp_path)
