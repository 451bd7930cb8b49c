"""``python -m bntheory.codegen [--check]``: write, or compare, the modules of formulas."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

FORMULAS = Path(__file__).resolve().parents[1] / "formulas"


def generate() -> dict[Path, str]:
    """Return the text of every generated file, by its path below ``bntheory/formulas``."""
    from bntheory.codegen.catalogue import MODULES
    from bntheory.codegen.source import BACKENDS, NUMPY, module

    files = {}
    for name, subject in MODULES.items():
        specs = list(subject.functions())
        files[Path(f"{name}.py")] = module(subject.title, specs, NUMPY)
        for backend in BACKENDS:
            path = Path("backends") / backend.name / f"{name}.py"
            files[path] = module(subject.title, specs, backend)
    return files


def main(arguments: list[str] | None = None) -> int:
    """Write the generated modules; with ``--check``, say which differ and return 1."""
    parser = argparse.ArgumentParser(
        prog="python -m bntheory.codegen", description="Write bntheory/formulas from derivations."
    )
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args(arguments).check
    differing = []
    for path, text in generate().items():
        target = FORMULAS / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        differing.append(path)
        if not check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    for path in differing:
        print(f"{'differs' if check else 'wrote'}: bntheory/formulas/{path.as_posix()}")
    return int(check and bool(differing))


if __name__ == "__main__":
    sys.exit(main())
