"""The README opens with what the command prints, and its figures are those of the benchmarks."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

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


def test_the_regularizers_are_those_that_were_measured() -> None:
    """Each row of the table is in the recorded validation, and each is confirmed."""
    recorded = json.loads((ROOT / "docs" / "measured.json").read_text(encoding="utf-8"))
    checks = {}
    for validation in recorded:
        for check in validation["checks"]:
            checks[validation["id"], check["system"], check["form"]] = check
    ids = {"1/M term": "thm1", "M times": "own-batch-decay", "gamma at": "own-batch-rest"}
    quantity, rows = "", 0
    for line in literal("in training mode\n").splitlines():
        if not line.startswith(" "):
            quantity = next(id for start, id in ids.items() if line.startswith(start))
            continue
        name, printed, derived, measured = re.split(r"  +", line.strip())
        name = name.replace("ReLU student, ", "ReLU student, BatchNorm1d on ")
        name = name if "BatchNorm1d" in name else f"BatchNorm1d on {name}"
        ours, theirs = (checks[quantity, name, form] for form in ("derived", "printed"))
        assert ours["verdict"] == "confirmed"
        assert (printed, derived) == (f"{theirs['predicted']:.4f}", f"{ours['predicted']:.4f}")
        assert measured == f"{ours['measured']:.5f} +- {ours['standard_error']:.5f}"
        rows += 1
    assert rows == 13


def test_the_largest_rates_are_those_of_the_recorded_audit() -> None:
    recorded = json.loads((ROOT / "docs" / "audit.json").read_text(encoding="utf-8"))
    (row,) = [each for each in recorded["rows"] if each["id"] == "prop4"]
    text = " ".join((ROOT / "README.rst").read_text(encoding="utf-8").split())
    seen = set()
    for check in row["evidence"]:
        if check.get("form") == "derived" and "largest" in check["quantity"]:
            value, error = (round(check[name], 6) for name in ("measured", "standard_error"))
            digits = 1 - math.floor(math.log10(error))
            shown = f"{value:.{digits}f} +- {error:.{digits}f}"
            shown_over_M = f"{value:.{digits}f} M +- {error:.{digits}f} M"
            seen |= {check["system"]} if shown in text or shown_over_M in text else set()
    named = {"plain SGD", "weight normalization, zeta = 0.2"}
    assert named < seen and any("M = 16" in system for system in seen)


def test_what_was_predicted_is_still_predicted() -> None:
    """The recorded predictions of Theorem 1 and of own-batch, computed anew."""
    from bntheory.simulation import LAWS
    from validation.thm1 import MODELS

    recorded = json.loads((ROOT / "docs" / "measured.json").read_text(encoding="utf-8"))
    models = {model.label: model for group in MODELS for model in group}
    for check in recorded[0]["checks"]:
        name, label = check["system"].removeprefix("BatchNorm1d on ").split(" h, ", 1)
        model, law = models[label], LAWS[name]
        value = model.own_batch(law) if check["form"] == "derived" else model.theorem1(law)
        assert abs(value - check["predicted"]) < 1e-9


def test_the_figures_are_those_of_the_benchmarks() -> None:
    """Every row of the recorded run stands in the README's table, to the digits shown."""
    recorded = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    table = literal("measured in one run").splitlines()
    assert len(table) == len(recorded)
    for row, line in zip(recorded, table, strict=True):
        assert line.startswith(row["name"][3:]) and row["note"] in line
        assert f" {row['ratio']:.2f} " in line
        assert ("missed" in line) == (not row["reached"])


def test_the_figures_of_a_gpu_are_those_that_were_measured() -> None:
    recorded = json.loads((ROOT / "benchmarks" / "gpu.json").read_text(encoding="utf-8"))
    assert recorded["card"]["card"] == "NVIDIA H200"
    ratios: list[tuple[dict[str, Any], float]] = []
    for row in recorded["chain"]:
        ratios += [(row, row["over bare"]), ({"M": row["M"]}, row["over N = 1000"])]
    ratios += [(row, row["over torch's normals"]) for row in recorded["networks"]]
    ratios += [(row, row["over its products"]) for row in recorded["offline"]]
    lines = literal("on one NVIDIA H200\n").splitlines()
    assert len(lines) == len(ratios)
    for (row, ratio), line in zip(ratios, lines, strict=True):
        words = line.removesuffix("missed").split()
        assert abs(float(words[-1]) - ratio) <= 0.00501
        assert line.endswith("missed") == (ratio > 2)
        for name in ("M", "N", "alpha"):
            assert name not in row or f"{name} = {row[name]:g}" in line
        assert "replicas" not in row or f"{row['replicas']} replicas" in line
        assert row.get("precision", "") in line
