"""What is in the repository is what the generator writes, byte for byte."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bntheory.codegen.__main__ as command

ONE_MODULE = """
import hashlib
from bntheory.codegen.catalogue import MODULES
from bntheory.codegen.source import BACKENDS, module, NUMPY
subject = MODULES["linear"]
specs = list(subject.functions())
for backend in (NUMPY, *BACKENDS):
    text = module(subject.title, specs, backend)
    print(backend.name, hashlib.sha256(text.encode()).hexdigest())
"""
WRITTEN = {"relu", "linear", "leaky_relu", "erf", "regularizer", "generalization"}


@pytest.fixture(scope="module")
def generated() -> dict[Path, str]:
    """Return what the generator writes; it derives everything anew, in about 25 s."""
    return command.generate()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, generated: dict[Path, str]) -> Path:
    """Return a copy of the formulas for the command to look at."""
    copy = tmp_path / "formulas"
    shutil.copytree(command.FORMULAS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(command, "FORMULAS", copy)
    monkeypatch.setattr(command, "generate", lambda: generated)
    return copy


def test_regeneration_is_what_is_there(generated: dict[Path, str]) -> None:
    for path, text in generated.items():
        assert (command.FORMULAS / path).read_bytes() == text.encode(), path


def test_every_module_for_every_backend_and_nothing_else(generated: dict[Path, str]) -> None:
    backends = {"torch", "math", "mpmath"}
    expected = {Path(f"{name}.py") for name in WRITTEN} | {
        Path("backends", backend, f"{name}.py") for name in WRITTEN for backend in backends
    }
    assert set(generated) == expected
    there = {path.relative_to(command.FORMULAS) for path in command.FORMULAS.rglob("*.py")}
    assert {path for path in there if not path.name.startswith("_")} == expected


def test_check_finds_nothing_to_say(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", ["relu.py", "backends/mpmath/erf.py"])
@pytest.mark.parametrize("kind", ["changed", "a space more", "missing"])
def test_check_names_the_file_that_differs_and_leaves_it(
    copied: Path, capsys: pytest.CaptureFixture[str], path: str, kind: str
) -> None:
    file = copied / path
    text = file.read_text(encoding="utf-8")
    if kind == "missing":
        file.unlink()
    else:
        other = text + " " if kind == "a space more" else text.replace("sqrt(", "sqrt(2*", 1)
        file.write_text(other, encoding="utf-8")
    before = file.exists() and file.read_bytes()
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().out == f"differs: bntheory/formulas/{path}\n"
    assert (file.exists() and file.read_bytes()) == before


def test_without_check_it_is_written_again(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(copied / "backends" / "torch")
    original = (copied / "linear.py").read_bytes()
    (copied / "linear.py").write_text("", encoding="utf-8")
    assert command.main([]) == 0
    names = sorted(f"wrote: bntheory/formulas/backends/torch/{name}.py" for name in WRITTEN)
    said = sorted(capsys.readouterr().out.splitlines())
    assert said == [*names, "wrote: bntheory/formulas/linear.py"]
    assert (copied / "linear.py").read_bytes() == original
    assert command.main(["--check"]) == 0


def test_the_order_of_hashes_does_not_matter() -> None:
    """Two processes with different hash seeds write the same module."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_MODULE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "20190506")
    ]
    texts = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert texts[0] == texts[1]
    there = (command.FORMULAS / "linear.py").read_bytes()
    assert f"numpy {hashlib.sha256(there).hexdigest()}" in texts[0].splitlines()
