"""``python benchmarks/mutants.py SUBJECT [--share X | --again]``: do the tests see every error?

Plants one small error at a time in a module and runs the tests that reach the function it is in, up
to the first that fails.  A mutant is killed when a test fails, when the module cannot be imported,
or when the tests take ten seconds more than those that were found to reach it; else it survives.
Each runs in a process of its own, which is forked when the libraries are loaded and before anything
of bntheory is, so that its module is imported with the error in it.  Only the tests that mirror a
subject count: those of the derivations would see many an error, too.

The file has the counts, and the survivors with the reason that someone wrote there.  A later run
replaces the counts and keeps the reasons of those that survive again.  When tests have been added,
``--again`` tries the survivors alone.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import resource
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import mpmath  # noqa: F401
import numpy  # noqa: F401
import pytest
import scipy.integrate
import scipy.optimize
import scipy.special  # noqa: F401
import sympy  # noqa: F401
import torch  # noqa: F401
from hypothesis import Phase, settings
from mutations import mutants
from survivors import reasons, table

ROOT = Path(__file__).parents[1]
#: What is changed, and the tests that have to see it.
SUBJECTS = {
    "calculus": ("bntheory/calculus/*.py", "tests/calculus"),
    "checking": ("bntheory/checking/*.py", "tests/checking"),
    "verdict": ("bntheory/verdict.py", "tests/test_verdict.py"),
    "formulas": ("bntheory/formulas/*.py", "tests/formulas"),
}
SEED = 2019
AT_LEAST = 40  # mutants of a module, or all it has
ALONE = ["-qx", "-oaddopts=--strict-markers", "--disable-plugin-autoload", "-pno:cacheprovider"]
PASSED, FAILED, INTERRUPTED = 0, 1, 2  # pytest's exit codes; the last: a file was not imported

Reach = dict[tuple[str, int], set[str]]


class Planted(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module from a syntax tree."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        super().__init__(name, str(path))
        self.tree = tree

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec")


class Selected:
    """Runs a few tests, the quickest first, and does not simplify what makes one of them fail."""

    def __init__(self, tests: set[str], seconds: dict[str, float]) -> None:
        self.tests, self.seconds = tests, seconds

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        settings.register_profile("mutants", settings(), phases=(Phase.explicit, Phase.generate))
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = [item for item in items if item.nodeid in self.tests]
        items[:] = sorted(kept, key=lambda item: self.seconds[item.nodeid])


class Reached:
    """Notes the functions that each test calls, and how long it takes."""

    def __init__(self, files: set[str]) -> None:
        self.files, self.test = files, ""
        self.found: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        sys.setprofile(self._note)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in self.files:
            self.found[self.test].add((code.co_filename, code.co_firstlineno))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.test, start = item.nodeid, time.process_time()
        sys.setprofile(self._note)  # hypothesis takes it away
        try:
            return (yield)
        finally:
            self.seconds[self.test], self.test = time.process_time() - start, ""


def in_child(work: Callable[[], Any], seconds: int) -> Any:
    """Return what a function returns in a process of its own; None where it took too long."""
    receive, send = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            text = json.dumps(work())
            with os.fdopen(send, "w") as pipe:
                pipe.write(text)
        except BaseException:
            traceback.print_exc()
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else None


def _uncached(cache: Callable[..., Any]) -> Callable[..., Any]:
    """Return a decorator that caches only what is not ours."""
    return lambda function: function if function.__module__[:8] == "bntheory" else cache(function)


def _lru_uncached(*args: Any, cache: Any = functools.lru_cache, **kwargs: Any) -> Any:
    if args and callable(args[0]):
        return _uncached(cache)(*args)
    return _uncached(cache(*args, **kwargs))


def reach(files: list[Path], tests: str) -> tuple[Reach, dict[str, float]]:
    """Return the tests that reach each function, and how long every test takes.

    Each file of tests runs by itself and without caches, behind which a function is not reached.
    """

    def run(file: Path) -> Any:
        functools.cache, functools.lru_cache = _uncached(functools.cache), _lru_uncached
        notes = Reached({str(path) for path in files})
        status = pytest.main([*ALONE, str(file)], plugins=[notes])
        sys.setprofile(None)
        return status, [[t, *sorted(f)] for t, f in notes.found.items()], notes.seconds

    found: Reach = defaultdict(set)
    seconds: dict[str, float] = {}
    here = ROOT / tests
    for file in [here] if here.is_file() else sorted(here.glob("test_*.py")):
        status, reached, took = in_child(lambda file=file: run(file), 3600)
        if status != PASSED:
            sys.exit(f"{file} does not pass")
        seconds |= took
        for test, *functions in reached:
            for path, line in functions:  # what is called on import is reached by all tests
                found[path, line] |= {test} if test else set(took)
                found[path, 0] |= {test} if test else set(took)
    return found, seconds


def fate(path: Path, source: str, number: int, tests: set[str], seconds: dict[str, float]) -> str:
    """Return "killed", "timeout" or "survived" for a mutant of a module."""
    if not tests:
        return "survived"

    def run() -> int:
        tree = ast.parse(source)
        next(islice(mutants(tree), number, None))
        sys.meta_path.insert(0, Planted(path, tree))
        files = sorted({str(ROOT / test.split("::")[0]) for test in tests})
        return int(pytest.main([*ALONE, *files], plugins=[Selected(tests, seconds)]))

    status = in_child(run, 10 + round(sum(seconds[test] for test in tests)))
    if status is None:
        return "timeout"
    if status not in (PASSED, FAILED, INTERRUPTED):
        sys.exit(f"pytest ends with {status} on mutant {number} of {path}")
    return "survived" if status == PASSED else "killed"


def judged(
    path: Path, share: float, reached: Reach, seconds: dict[str, float], before: dict | None
) -> dict:
    """Return the counts and the survivors of a module: of those that survived ``before``, if any.

    What was killed before would be killed again, as long as the module and its tests stay.
    """
    source = path.read_text(encoding="utf-8")
    everything = list(enumerate(mutants(ast.parse(source))))
    size = before["tried"] if before else max(AT_LEAST, round(share * len(everything)))
    size = min(size, len(everything))
    chosen = sorted(random.Random(f"{SEED} {path.name}").sample(everything, size))
    if before:
        alive = reasons(before)
        chosen = [(k, m) for k, m in chosen if (m.function, m.change) in alive]
    survivors, late = [], 0
    for done, (number, m) in enumerate(chosen, 1):
        came = fate(path, source, number, reached[str(path), m.first], seconds)
        late += came == "timeout"
        if came == "survived":
            survivors.append({"function": m.function, "line": m.line, "change": m.change})
        if done % 25 == 0 or done == len(chosen):
            print(f"{path.stem}: {done} of {len(chosen)}", file=sys.stderr, flush=True)
    late += before["timeout"] if before else 0
    counts = {"mutants": len(everything), "tried": size, "timeout": late}
    return {**counts, "killed": size - late - len(survivors), "survivors": survivors}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("--share", type=float, default=1.0, help="of each module, drawn at random")
    parser.add_argument("--only", help="one module of the subject")
    parser.add_argument("--again", action="store_true", help="only what survived the last time")
    parser.add_argument("--json", type=Path, default=ROOT / "benchmarks" / "mutants.json")
    arguments = parser.parse_args()

    os.chdir(ROOT)
    gc.freeze()  # the libraries: no child looks through them again
    sources, tests = SUBJECTS[arguments.subject]
    files = [path for path in sorted(ROOT.glob(sources)) if path.name != "__init__.py"]
    reached, seconds = reach(files, tests)
    record = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
    modules = record.setdefault(arguments.subject, {})
    for path in files:
        if arguments.only in (None, path.stem):
            before = modules.get(path.stem, {})
            told = before if arguments.again else None
            modules[path.stem] = found = judged(path, arguments.share, reached, seconds, told)
            for survivor in found["survivors"]:
                key = (survivor["function"], survivor["change"])
                survivor["reason"] = reasons(before).get(key, "")
            arguments.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print("\n".join(table(record)))


if __name__ == "__main__":
    main()
