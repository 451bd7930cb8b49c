"""What is recorded of mutants: how many the tests killed, and why the others are alive."""

from __future__ import annotations

EQUIVALENT = "equivalent"  # so begins the reason of a mutant that is the same function


def reasons(module: dict) -> dict[tuple[str, str], str]:
    """Return the reasons of a module's survivors that are written down."""
    return {(s["function"], s["change"]): s["reason"] for s in module.get("survivors", ())}


def counts(modules: dict) -> tuple[int, int, int, int]:
    """Return how many mutants of a subject there are, were tried, were killed, are equivalent."""
    total, tried = (sum(m[key] for m in modules.values()) for key in ("mutants", "tried"))
    killed = sum(m["killed"] + m["timeout"] for m in modules.values())
    same = [s for m in modules.values() for s in m["survivors"]]
    return total, tried, killed, sum(s["reason"].startswith(EQUIVALENT) for s in same)


def table(record: dict) -> list[str]:
    """Return a table of the shares that were killed: the lines of one in reStructuredText.

    Where not all mutants were tried, an interval of 95 % says what the share of all may be.
    """
    from scipy.stats import binomtest

    head = ("subject", "mutants", "tried", "killed", "equivalent", "share", "of the others", "95 %")
    rows = [head]
    for subject, modules in record.items():
        total, tried, killed, same = counts(modules)
        low, high = binomtest(killed, tried - same).proportion_ci()
        shares = f"{killed / tried:.1%}", f"{killed / (tried - same):.1%}"
        interval = "all tried" if tried == total else f"{low:.1%} to {high:.1%}"
        rows.append((f"``{subject}``", *map(str, (total, tried, killed, same)), *shares, interval))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [rule, lines[0], rule, *lines[1:], rule]
