"""What the site has besides its pages: the audit on one page, notebooks, style, commands' help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import audited
from blocks import badge, joined, link
from docutils import nodes
from generated import fill
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from bntheory.auditing import VERDICTS
from bntheory.rendering.audit import MEANING, render
from bntheory.rendering.audit_style import DARK, FIGURE, LIGHT
from bntheory.rendering.style import STYLE


def copy_notebooks(app: Sphinx) -> None:
    """Bring the notebooks in, whatever there are; a copy that is the same is left alone."""
    kept = {path.name: path.read_bytes() for path in (audited.ROOT / "notebooks").glob("*.ipynb")}
    fill(audited.DOCS / "notebooks", kept)


def write_style(app: Sphinx) -> None:
    """Write the style of verdicts, figures and formulas, in the colours that the theme has."""
    path = Path(app.outdir) / "_static" / "bntheory.css"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"{STYLE}body {{ {LIGHT} }}\n"
        f"@media not print {{ body[data-theme=dark] {{ {DARK} }}\n"
        f"@media (prefers-color-scheme: dark) {{ body:not([data-theme=light]) {{ {DARK} }} }} }}\n"
        f"{FIGURE}",
        encoding="utf-8",
    )


def write_audit(app: Sphinx, failed: Exception | None) -> None:
    """Write the audit on one page."""
    if failed is None and app.builder.format == "html":
        page = render(list(audited.rows().values()), "html")
        (Path(app.outdir) / "audit.html").write_text(page, encoding="utf-8")


class Glance(SphinxDirective):
    """The verdicts, each with the statements that have it."""

    def run(self) -> list[nodes.Node]:
        found = nodes.definition_list(classes=["glance"])
        for verdict in VERDICTS:
            ids = [id for id, row in audited.rows().items() if row.verdict == verdict]
            links = joined((link(self.env.docname, id, id) for id in ids), ", ")
            said = nodes.Text(f" {len(ids)}: {MEANING[verdict]}")
            found += nodes.definition_list_item(
                "",
                nodes.term("", "", badge(verdict), said),
                nodes.definition("", nodes.paragraph("", "", *links)),
            )
        return [found]


class Help(SphinxDirective):
    """What a command says of itself."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        command = [sys.executable, "-m", f"bntheory.{self.arguments[0]}", "--help"]
        done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
        return [nodes.literal_block(done.stdout, done.stdout, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add it all."""
    app.add_directive("audit-at-a-glance", Glance)
    app.add_directive("help-of", Help)
    app.connect("builder-inited", copy_notebooks)
    app.connect("builder-inited", write_style)
    app.connect("build-finished", write_audit)
    app.add_css_file("bntheory.css")
    app.add_css_file("site.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
