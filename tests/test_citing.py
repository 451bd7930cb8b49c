"""Citations: what is used and no more, from one file that can be read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bntheory
import derivations
import validation
from bntheory import citing, cli
from bntheory.panels import available

ROOT = Path(bntheory.__file__).parents[1]
Capture = pytest.CaptureFixture[str]
FIELD = re.compile(r"  (\w+) += (\{(?:[^{}]|\{[^{}]*\})*\}),\n", re.DOTALL)
NEEDED = {"author", "title"}


def keys(text: str) -> list[str]:
    return re.findall(r"^@\w+\{(.+),$", text, re.MULTILINE)


def printed(capsys: Capture, *argv: str) -> set[str]:
    assert cli.main([*argv, "--cite"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and len(keys(out)) == len(set(keys(out)))
    return set(keys(out))


def modules() -> list[str]:
    found = []
    for top in ("bntheory", "derivations", "validation"):
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


# -- the file ------------------------------------------------------------------------------------


def test_entries_are_the_whole_file() -> None:
    text = (ROOT / "bntheory" / "references.bib").read_text(encoding="utf-8")
    assert "\n".join(citing.entries().values()) == text
    assert keys(text) == list(citing.entries())


@pytest.mark.parametrize("key", citing.entries())
def test_every_entry_is_well_formed(key: str) -> None:
    """A type and a key, fields in braces that are closed, and nothing else."""
    entry = citing.entries()[key]
    head, body = entry.split("\n", 1)
    assert re.fullmatch(rf"@[a-z]+\{{{key},", head)
    fields = dict(FIELD.findall(body))
    assert FIELD.sub("", body) == "}\n" and fields.keys() >= NEEDED
    assert key == "bntheory" or fields["year"].strip("{}").isdigit()
    assert not key[-4:].isdigit() or fields["year"] == f"{{{key[-4:]}}}"


def test_every_key_of_a_docstring_is_there() -> None:
    found = {key for module in modules() for key in citing.cited(module)}
    assert {"price1958", "marchenko1967"} <= found <= citing.entries().keys()


def test_this_software_is_cited_as_CITATION_has_it(capsys: Capture) -> None:
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    known = dict(re.findall(r'^(title|version): "?(.*?)"?$', cff, re.MULTILINE))
    (author,) = re.findall(r'^  - name: "(.*)"$', cff, re.MULTILINE)
    assert cli.main(["--cite"]) == 0
    out = capsys.readouterr().out
    fields = dict(FIELD.findall(out[out.index("@misc{bntheory") :]))
    assert fields == {
        "author": f"{{{{{author}}}}}",
        "title": f"{{{known['title']}}}",
        "version": f"{{{bntheory.__version__}}}",
    }


# -- what is cited -------------------------------------------------------------------------------


def test_without_a_statement(capsys: Capture) -> None:
    for argv in ([], ["derive"], ["validate"], ["figures"]):
        assert printed(capsys, *argv) == {"luo2019", "bntheory"}


@pytest.mark.parametrize(
    ("argv", "used", "unused"),
    [
        (["derive", "eq13"], {"price1958", "stein1981", "sympy"}, {"torch", "marchenko1967"}),
        (["derive", "prop4"], {"price1958", "stein1981", "saad1995"}, {"torch", "seung1992"}),
        (["derive", "eq19"], {"seung1992"}, {"stein1981", "torch", "numpy"}),
        (["derive", "wn-linear"], {"krogh1992", "marchenko1967"}, {"price1958", "seung1992"}),
        (["derive", "eq2"], {"sympy"}, {"price1958", "ioffe2015"}),
        (["derive", "eq1", "eq19"], {"ioffe2015", "seung1992"}, {"krogh1992"}),
        (["validate", "thm1"], {"torch", "numpy", "scipy"}, {"sympy", "price1958", "matplotlib"}),
        (["audit", "eq19", "--no-simulation"], {"seung1992", "sympy"}, {"torch", "scipy"}),
        (["audit", "eq19"], {"seung1992", "sympy", "torch", "scipy"}, {"matplotlib"}),
        (["audit", "fig3"], set(), {"sympy", "torch"}),
        (["figures", "fig1a"], {"matplotlib", "numpy", "torch"}, {"price1958"}),
        (["figures", "fig2ab"], {"matplotlib", "numpy", "torch"}, {"sympy"}),
        (["figures", "stability"], {"numpy", "torch"}, {"marchenko1967"}),
    ],
)
def test_what_is_used_and_no_more(
    argv: list[str], used: set[str], unused: set[str], capsys: Capture
) -> None:
    found = printed(capsys, *argv)
    assert found >= used | {"luo2019", "bntheory"} and not found & unused


def test_all_that_is_cited_is_loaded_when_it_is_done() -> None:
    """Each module that a derivation cites for, and each library, is one that deriving loads."""
    code = (
        "import json, sys\nimport derivations\n"
        "for id in sys.argv[1:]:\n    derivations.derive(id)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    for id in ("eq13", "eq19"):
        done = subprocess.run(
            [sys.executable, "-c", code, id], capture_output=True, text=True, check=True, cwd=ROOT
        )
        loaded = set(json.loads(done.stdout))
        named = citing.used([citing.deriving(id)])
        assert named and all(loaded >= names for names in named.values())


def test_a_new_statement_needs_no_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its docstring cites, and that of what it imports."""
    for top in ("bntheory", "derivations"):
        (tmp_path / top).symlink_to(ROOT / top)
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation" / "mine.py").write_text(
        '"""Of another paper [yoshida2017]."""\nfrom derivations import (\n    eq19,\n)\n'
        "if True:\n    import torch\n"
    )
    monkeypatch.setattr(citing, "ROOT", tmp_path)
    citing.text.cache_clear()
    found = keys(citing.bibtex(["validation.mine"]))
    citing.text.cache_clear()
    assert {"yoshida2017", "seung1992", "sympy"} <= set(found) and "torch" not in found


def test_every_statement_and_figure_can_be_cited(capsys: Capture) -> None:
    assert printed(capsys, "derive", *derivations.available()) >= {"sympy", "krogh1992"}
    assert printed(capsys, "validate", *validation.available()) >= {"torch"}
    for figure in available():
        assert printed(capsys, "figures", figure)


def test_unknown_ids_are_refused(capsys: Capture) -> None:
    for command in ("derive", "validate", "audit"):
        assert cli.main([command, "porp4", "--cite"]) == cli.WRONG
        assert "did you mean prop4" in capsys.readouterr().err
