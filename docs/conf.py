"""The site: ``python -m sphinx -W docs docs/_build/html``.

Its own extensions are in ``_ext``: what can be said by the toolkit is, and the rest is written.
"""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS / "_ext"), str(DOCS.parent)]

import bntheory  # noqa: E402

project = "bntheory"
author = "the bntheory authors"
release = version = bntheory.__version__
copyright = ""

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
    "mathml",
    "statements",
    "equations",
    "docstrings",
    "pages",
]
exclude_patterns = ["_build", "_ext", "**.ipynb_checkpoints"]
nitpicky = True
# The types of docstrings are words, such as "array of float"; what is referred to by a role is not.
nitpick_ignore_regex = [("py:class", ".*"), ("py:obj", ".*"), ("py:.*", r"sympy\..*")]
suppress_warnings = ["ref.python"]

# -- docstrings ----------------------------------------------------------------------------------
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

# -- notebooks: run where they changed, and kept with their outputs in the build -------------------
nb_execution_mode = "cache"
nb_execution_cache_path = str(DOCS / "_build" / "notebooks")
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_merge_streams = True

# -- the literature ------------------------------------------------------------------------------
bibtex_bibfiles = ["../bntheory/references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

# -- how it looks ----------------------------------------------------------------------------------
html_theme = "furo"
html_title = f"bntheory {release}"
html_static_path = ["_static"]
html_math_renderer = "mathml"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
pygments_style = "default"
pygments_dark_style = "github-dark"
