"""Images from the published files of their data sets, read with NumPy and never unpickled."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

#: A record of the binary version of CIFAR-10: a label, then 32 x 32 values of each colour.
RECORD = 1 + 3 * 32 * 32
CIFAR10_IMAGES, IMAGENET_IMAGES = 50_000, 1_281_167

EXPECTED = (
    "data_batch_1.bin ... data_batch_5.bin and test_batch.bin (CIFAR-10, binary version), or "
    "train_data_batch_1.npz ... and val_data.npz (ImageNet, downsampled to 32x32)"
)


class NoImages(ValueError):
    """There are no images, or other files than expected; says which were."""


@dataclass(frozen=True, eq=False)
class Images:
    """Images and labels, for training and for validation.

    Attributes
    ----------
    id : {"cifar10", "imagenet32", "digits"}
    name : str
        What they are, and how many of them: said on every figure.
    train, validation : numpy.ndarray
        Of type uint8 and shape (n, colours, height, width).
    train_labels, validation_labels : numpy.ndarray
        From 0, of type int64 and shape (n,).
    classes : int
    flips : bool
        Whether an image and its mirror image show the same.
    """

    id: str
    name: str
    train: np.ndarray
    train_labels: np.ndarray
    validation: np.ndarray
    validation_labels: np.ndarray
    classes: int
    flips: bool

    def first(self, count: int) -> Images:
        """Return the same with the first images for training alone.

        Raises
        ------
        NoImages
            If there are fewer.
        """
        if count > len(self.train):
            raise NoImages(f"there are {len(self.train):,} training images and not {count:,}")
        return replace(
            self,
            name=f"{self.name.split(',')[0]}, {count:,} training images",
            train=self.train[:count],
            train_labels=self.train_labels[:count],
        )


def read(folder: Path | None) -> Images:
    """Read the data set that is in a folder; without one, scikit-learn's digits.

    Parameters
    ----------
    folder : Path or None
        With the files of one data set, or with CIFAR-10's folder ``cifar-10-batches-bin``.  Not all
        batches of the training images need be there: those that are count, and the name says how
        many images they have.

    Raises
    ------
    NoImages
        If there is no data set, or a file is missing, truncated or another one.
    """
    if folder is None:
        return digits()
    if not folder.is_dir():
        raise NoImages(f"there is no folder {str(folder)!r}; expected is one with {EXPECTED}")
    inside = folder / "cifar-10-batches-bin"
    for place in (folder, inside):
        if list(place.glob("data_batch_*.bin")):
            return cifar10(place)
    if list(folder.glob("train_data_batch_*.npz")):
        return imagenet32(folder)
    raise NoImages(f"{str(folder)!r} has no data set; expected are {EXPECTED}")


def cifar10(folder: Path) -> Images:
    """Read the binary version of CIFAR-10 (Krizhevsky 2009); see :func:`read`."""
    names = [f"data_batch_{k}.bin" for k in range(1, 6)]
    train, labels = _joined([_records(folder / name) for name in names if _there(folder / name)])
    validation, validation_labels = _records(_required(folder / "test_batch.bin"))
    return Images(
        "cifar10", f"CIFAR-10, {_of(len(train), CIFAR10_IMAGES)}", train, labels, validation,
        validation_labels, 10, True,
    )  # fmt: skip


def imagenet32(folder: Path) -> Images:
    """Read ImageNet downsampled to 32x32 (Loshchilov and Hutter 2016); see :func:`read`."""
    names = [f"train_data_batch_{k}.npz" for k in range(1, 11)]
    train, labels = _joined([_archive(folder / name) for name in names if _there(folder / name)])
    validation, validation_labels = _archive(_required(folder / "val_data.npz"))
    known = np.unique(labels)
    strange = np.setdiff1d(validation_labels, known)
    if strange.size:
        raise NoImages(
            f"val_data.npz has class {strange[0]}, of which there are no training images"
        )
    return Images(
        "imagenet32",
        f"ImageNet 32x32 with {len(known)} classes, {_of(len(train), IMAGENET_IMAGES)}",
        train,
        np.searchsorted(known, labels),
        validation,
        np.searchsorted(known, validation_labels),
        len(known),
        True,
    )


def digits() -> Images:
    """Return scikit-learn's digits, 8x8: 1,000 for training, and 797 for validation.

    They are in the order in which people wrote them: the last ones are by others than the first.

    Raises
    ------
    NoImages
        If scikit-learn is not there.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise NoImages(
            "without --data scikit-learn's digits are taken: pip install 'bntheory[images]'"
        ) from None
    found = load_digits()
    images = (found.images * (255 / 16)).round().astype(np.uint8)[:, None]
    labels = found.target.astype(np.int64)
    return Images(
        "digits", "scikit-learn's digits, 1,000 training images", images[:1000], labels[:1000],
        images[1000:], labels[1000:], 10, False,
    )  # fmt: skip


def _of(count: int, all_of_them: int) -> str:
    if count == all_of_them:
        return f"{count:,} training images"
    return f"{count:,} of {all_of_them:,} training images"


def _there(path: Path) -> bool:
    return path.is_file()


def _required(path: Path) -> Path:
    if not path.is_file():
        raise NoImages(f"{path.name!r} is missing in {str(path.parent)!r}; expected are {EXPECTED}")
    return path


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _records(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of CIFAR-10."""
    values = np.fromfile(path, np.uint8)
    if not values.size or values.size % RECORD:
        raise NoImages(
            f"{str(path)!r} is truncated or another file: it has {values.size:,} bytes, and "
            f"expected is a multiple of {RECORD:,}, in all 30,730,000"
        )
    records = values.reshape(-1, RECORD)
    labels = records[:, 0].astype(np.int64)
    if labels.max() > 9:
        raise NoImages(
            f"{str(path)!r} is another file: a label is {labels.max()}, and expected are 0 to 9"
        )
    return records[:, 1:].reshape(-1, 3, 32, 32), labels


def _archive(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of downsampled ImageNet."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            images, labels = archive["data"], archive["labels"]
    except (OSError, ValueError, TypeError, LookupError, EOFError, zipfile.BadZipFile):
        raise NoImages(
            f"{str(path)!r} is truncated or another file; expected is an archive of NumPy with "
            "'data', uint8 (n, 3072), and 'labels'"
        ) from None
    if images.dtype != np.uint8 or images.shape[1:] != (3072,) or labels.shape != images.shape[:1]:
        raise NoImages(
            f"{str(path)!r} has 'data' {images.dtype} {images.shape} and 'labels' {labels.shape}; "
            "expected are uint8 (n, 3072) and (n,)"
        )
    if not len(images) or labels.dtype.kind not in "iu":
        raise NoImages(f"{str(path)!r} has no images, or labels that are no whole numbers")
    return images.reshape(-1, 3, 32, 32), labels.astype(np.int64)
