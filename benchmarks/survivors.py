"""What is recorded of mutants: how many the tests killed, and why the others are alive."""

from __future__ import annotations

#: So begins the reason of a mutant that is the same function, and of one that is another choice,
#: as good as the one that was made: a node more in a quadrature, another place to compare at.
NO_ERRORS = ("equivalent", "a matter of choice")


def reasons(module: dict) -> dict[tuple[str, str], str]:
    """Return the reasons of a module's survivors that are written down."""
    return {(s["function"], s["change"]): s.get("reason", "") for s in module.get("survivors", ())}


def counts(modules: dict) -> tuple[int, ...]:
    """Return how many mutants of a subject there are, were tried, were killed, are no errors."""
    total, tried = (sum(m[key] for m in modules.values()) for key in ("mutants", "tried"))
    killed = sum(m["killed"] + m["timeout"] for m in modules.values())
    alive = [s["reason"] for m in modules.values() for s in m["survivors"]]
    return total, tried, killed, *(sum(r.startswith(kind) for r in alive) for kind in NO_ERRORS)


def table(record: dict) -> list[str]:
    """Return a table of the shares that were killed: the lines of one in reStructuredText.

    Where not all mutants were tried, an interval of 95 % says what the share of all may be.
    """
    from scipy.stats import binomtest

    head = ("subject", "mutants", "tried", "killed", "equivalent", "choice", "of all", "of errors")
    rows = [(*head, "95 %")]
    for subject, modules in record.items():
        total, tried, killed, *no_errors = counts(modules)
        errors = tried - sum(no_errors)
        low, high = binomtest(killed, errors).proportion_ci()
        shares = f"{killed / tried:.1%}", f"{killed / errors:.1%}"
        interval = "all tried" if tried == total else f"{low:.1%} to {high:.1%}"
        numbers = map(str, (total, tried, killed, *no_errors))
        rows.append((f"``{subject}``", *numbers, *shares, interval))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [rule, lines[0], rule, *lines[1:], rule]
