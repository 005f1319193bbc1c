"""Texts that break out of a page that does not escape them, and what else labels may hold."""

from __future__ import annotations

SCRIPT = "</script><script>window.hacked=1</script>"
IMAGE = '"><img src=x onerror="window.hacked=1">'
COMMENT = "<!--<script>"
FORMULA = r"$\frac{a}$ a_b^c 50% & {{ 7 * 7 }} {% x %}"
LONG = "a_name_without_any_space_" * 12
FOREIGN = "تصنيف 类别"
LINES = "_two\nlines \u2028 and \u202eturned\u202c"
BROKEN = "null\x00 bell\x07 half\ud800"
TEXTS = (SCRIPT, IMAGE, COMMENT, FORMULA, LONG, FOREIGN, LINES, BROKEN)
