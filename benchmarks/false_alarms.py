"""``python benchmarks/false_alarms.py [NAME ...] [--folder FOLDER] [--json FILE]``: of 200 seeds.

How often verdicts are wrong and intervals miss, statement by statement, where the prediction is
right.  The datasets stay in the folder, and what is there is not measured again: after an
interruption the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bntheory import validate

SEEDS = "seed=0:199:200"

#: Each statement at one place, or two, the quickest first.
SWEEPS = {
    "eq13": ("activation=relu",),
    "eq14": ("activation=relu",),
    "eq15": ("activation=relu",),
    "eq9": ("activation=relu",),
    "eq10": ("activation=relu",),
    "prop3": ("eta=0.5", "zeta=0"),
    "prop1": ("zeta=0.1", "M=64"),
    "prop2": ("eta=0.5", "zeta=0.2"),
    # a tenth of the usual replicas, and of the time
    "prop4": ("method=sgd", "replicas=200"),
    "table1-bn": ("zeta=0.2", "replicas=200"),
}


def sweep(id: str, folder: Path) -> dict:
    """Do a sweep, or take up what is there of it, and return what came of it."""
    summary = folder / f"{id}.json"
    axes = [part for axis in (*SWEEPS[id], SEEDS) for part in ("--over", axis)]
    files = ["--results", str(folder / f"{id}.zarr"), "--output", str(summary)]
    if validate.main([id, *axes, *files, "--format", "json"]) == 2:
        sys.exit(2)
    found = json.loads(summary.read_text(encoding="utf-8"))
    kept = ("id", "axes", "done", "checks", "refuted", "not_confirmed", "misses", "versions")
    return {name: found[name] for name in (*kept, "seconds")}


def lines(found: dict) -> list[str]:
    """Return the lines of the table for a sweep."""
    shares = [found["refuted"], found["not_confirmed"], *found["misses"]]
    first = "".join(_share(each) for each in shares)
    rows = [f"{found['id']:<8}{found['refuted']['of']:>6}{first}"]
    for check in found["checks"]:
        if check["form"] == "derived":
            rows.append(
                f"{'':>8}{check['quantity']} ({check['system']}): mean {check['mean']:+.2f}, "
                f"deviation {check['deviation']:.2f}"
            )
    return rows


def _share(rate: dict) -> str:
    low, high = rate["interval"]
    return f"{rate['rate']:>8.4f} ({low:.4f}, {high:.4f})"


def main() -> int:
    """Measure, print the table, and write it as JSON if asked."""
    parser = argparse.ArgumentParser(description="Measure false-alarm rates over 200 seeds.")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(SWEEPS)}")
    parser.add_argument("--folder", default=".", help="of the datasets, this one by default")
    parser.add_argument("--json", metavar="FILE", help="write the table as JSON, too")
    options = parser.parse_args()
    widths = ("1", "2", "3", "4")
    print(
        f"{'':<8}{'checks':>6}{'refuted':>25}{'not confirmed':>25}"
        + "".join(f"{f'missed by {width} s.e.':>25}" for width in widths)
    )
    found = []
    for id in options.name or SWEEPS:
        found.append(sweep(id, Path(options.folder)))
        print("\n".join(lines(found[-1])), flush=True)
    expected = "".join(f"{each['expected']:>25.2g}" for each in found[-1]["misses"])
    print(f"{'expected':<64}{expected}")
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
