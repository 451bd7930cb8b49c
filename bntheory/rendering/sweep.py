"""What came of a sweep, as text and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bntheory.rendering.text import wrap

if TYPE_CHECKING:
    import xarray as xr

    from bntheory.sweeps.rates import Misses, Rate, Standing

WIDTH = 98

#: So many tasks that failed are named in the text; JSON and the dataset have all.
NAMED = 10


def render(found: xr.Dataset, path: Path, format: str = "text") -> str:
    """Write what came of a sweep.

    Parameters
    ----------
    found : xarray.Dataset
        As :func:`bntheory.sweeps.dataset.read` returns it.
    path : Path
        Where it is.
    format : {"text", "json"}
        Which of them.

    Returns
    -------
    str
        Ends with a newline.
    """
    known = data(found, path)
    if format == "json":
        return json.dumps(known, indent=2, allow_nan=False) + "\n"
    return "\n".join(row.rstrip() for row in _page(known)) + "\n"


# -- JSON ----------------------------------------------------------------------------------------


def data(found: xr.Dataset, path: Path) -> dict[str, Any]:
    """Return what came of a sweep as dictionaries, lists, strings and numbers.

    ``axes`` has the values by name, ``failed`` the points with a reason each, and ``checks`` counts
    the verdicts of each check over all points, with the mean and the deviation of measured less
    predicted in standard errors.  ``refuted`` and ``not_confirmed`` say how often that was so of
    derived predictions, ``misses`` how often an interval of so many standard errors missed them and
    how often it should: ``count``, ``of``, ``rate``, and an interval for it, null without seeds.
    """
    from bntheory.sweeps import rates

    axes = found.attrs["axes"]
    done = found.state == "done"
    known = {
        "id": found.attrs["id"],
        "axes": {name: found[name].values.tolist() for name in axes},
        "tasks": found.state.size,
        "done": int(done.sum()),
        "failed": [*_failed(found)],
        "checks": [],
        "refuted": None,
        "not_confirmed": None,
        "misses": [],
        "dataset": str(path),
        "seed": found.attrs["seed"],
        "neurons": found.attrs["neurons"],
        "device": found.attrs["device"],
        "versions": dict(found.attrs["versions"]),
        "seconds": round(float(found.seconds.where(done).sum()), 3),
    }
    if done.any():
        known["checks"] = [*map(_standing, rates.standings(found))]
        known["refuted"] = _rate(rates.refuted(found))
        known["not_confirmed"] = _rate(rates.not_confirmed(found))
        known["misses"] = [*map(_misses, rates.misses(found))]
    return known


def _failed(found: xr.Dataset) -> Iterator[dict[str, Any]]:
    from bntheory.sweeps.task import Failed

    values = {name: found[name].values.tolist() for name in found.attrs["axes"]}
    for where in zip(*(found.state == "failed").values.nonzero(), strict=True):
        point = {name: known[k] for (name, known), k in zip(values.items(), where, strict=True)}
        yield {"point": point, "reason": Failed(str(found.error.values[where])).reason}


def _standing(check: Standing) -> dict[str, Any]:
    return {
        "system": check.system,
        "quantity": check.quantity,
        "form": check.form,
        **check.verdicts,
        "mean": _finite(check.mean),
        "deviation": _finite(check.deviation),
    }


def _rate(rate: Rate) -> dict[str, Any]:
    interval = None if rate.interval is None else [*rate.interval]
    return {
        "count": rate.count,
        "of": rate.of,
        "rate": _finite(rate.value),
        "interval": interval,
    }


def _misses(misses: Misses) -> dict[str, Any]:
    return {
        "standard_errors": misses.width,
        **_rate(misses.rate),
        "expected": misses.expected,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


# -- text ----------------------------------------------------------------------------------------


def _page(known: dict[str, Any]) -> Iterator[str]:
    from bntheory.sweeps.axes import Axis

    axes = "; ".join(str(Axis(name, tuple(values))) for name, values in known["axes"].items())
    failed, counts = known["failed"], f"{known['done']} of {known['tasks']} tasks done"
    yield from wrap(f"{known['id']} over {axes}: {counts}, {len(failed)} failed.", WIDTH)
    if known["checks"]:
        yield ""
        yield from _checks(known["checks"])
        yield ""
        yield from _rates(known)
    if failed:
        yield ""
        for each in failed[:NAMED]:
            point = ", ".join(f"{name} = {value}" for name, value in each["point"].items())
            yield from wrap(f"Failed at {point}: {each['reason']}", WIDTH)
        if len(failed) > NAMED:
            yield f"... and {len(failed) - NAMED} more."
    yield ""
    versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
    yield from wrap(
        f"Dataset: {known['dataset']}. On {known['device']}, {known['seconds']:.1f} s of tasks; "
        f"{versions}.",
        WIDTH,
    )


def _checks(checks: list[dict[str, Any]]) -> Iterator[str]:
    verdicts = ("confirmed", "inconclusive", "refuted")
    titles = ("form", *verdicts, "mean", "deviation")
    cells = [
        (each["form"], *(str(each[name]) for name in verdicts), _signed(each["mean"]),
         _short(each["deviation"]))
        for each in checks
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    room = WIDTH - sum(widths) - 2 * len(widths)
    names = [f"{each['quantity']}, {each['system']}" for each in checks]
    first = min(room, max(map(len, ("check", *names))))
    for name, row in zip(("check", *names), (titles, *cells), strict=True):
        start, *more = wrap(name, first)
        yield "  ".join((start.ljust(first), row[0].ljust(widths[0]), *map(str.rjust, row[1:],
                        widths[1:])))  # fmt: skip
        yield from more
    yield from wrap(
        "mean and deviation: of measured less predicted, in standard errors; 0 and 1 where the "
        "prediction and the standard error are right.",
        WIDTH,
    )


def _rates(known: dict[str, Any]) -> Iterator[str]:
    """Say how often verdicts and intervals were wrong, if what is derived is right."""
    rows = [("derived predictions", "", "rate", "95% interval", "expected")]
    for name in ("refuted", "not_confirmed"):
        rows.append((f"  {name.replace('_', ' ')}", *_cells(known[name]), ""))
    for each in known["misses"]:
        name = f"  missed by +-{each['standard_errors']:g} standard errors"
        rows.append((name, *_cells(each), f"{each['expected']:.2g}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *numbers in rows:
        yield "  ".join((name.ljust(widths[0]), *map(str.rjust, numbers, widths[1:])))


def _cells(rate: dict[str, Any]) -> tuple[str, str, str]:
    interval = "" if rate["interval"] is None else "{:.2g} to {:.2g}".format(*rate["interval"])
    return f"{rate['count']} of {rate['of']}", _short(rate["rate"]), interval


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"
