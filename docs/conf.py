"""How ``make docs`` builds this folder with Sphinx. Nothing is fetched: no fonts, no scripts, no indexes."""

project = "Touchbase"
author = "The Touchbase developers"
copyright = author  # noqa: A001 - Sphinx asks for this name
extensions = ["myst_parser"]
exclude_patterns = ["_*"]
html_theme = "furo"
html_title = "Touchbase"
html_show_copyright = False
html_show_sphinx = False
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["misc.highlighting_failure"]  # rules/errors.md shows broken YAML on purpose
