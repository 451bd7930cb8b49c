"""The README opens with what the command prints, and its figures are those of the benchmarks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.rst").read_text(encoding="utf-8")


def literal(after: str) -> str:
    """Return the literal block that follows a line."""
    lines = README[README.index(after) + len(after) :].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("   "))
    end = next(
        (n for n in range(start, len(lines)) if lines[n].strip() and lines[n][:3] != "   "),
        len(lines),
    )
    return "\n".join(line[3:] for line in lines[start:end]).rstrip()


def without_time(text: str) -> str:
    """The time it took, and where its digits make the last line break, are not compared."""
    return " ".join(re.sub(r"\d+\.\d+ s\.", "T s.", text).split())


def test_the_proof_is_what_the_command_prints() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bntheory.derive", "prop4"],
        capture_output=True,
        check=True,
        cwd=ROOT,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)},
    )
    assert without_time(literal("prints\n")) == without_time(done.stdout.rstrip())


def test_the_figures_are_those_of_the_benchmarks() -> None:
    """Every row of the recorded run stands in the README's table, to the digits shown."""
    recorded = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    table = literal("measured in one run").splitlines()
    assert len(table) == len(recorded)
    for row, line in zip(recorded, table, strict=True):
        assert line.startswith(row["name"][3:]) and row["note"] in line
        assert f" {row['ratio']:.2f} " in line
        assert ("missed" in line) == (not row["reached"])
