"""Texts that would break out of their place, if a document let them."""

from __future__ import annotations

from hypothesis import strategies as st

PIECES = (
    r"\end{document}", r"\input{/etc/passwd}", r"\write18{rm}", "}", "{", "$", "$$", "&", "%", "#",
    "_", "^", "~", "\\", r"\\", "[x]", "*", "**bold**", "`", "```", "~~~", "<script>", "</b>",
    "<!--", "&amp;", "&#60;", "|", "| a | b |", "| --- |", "\n", "\n\n", "\r\n", "---", "===",
    "# ", "- ", "+ ", "1. ", "1) ", "> ", "    ", "\t", "[a](javascript:x)", "![i](u)", "[a]: /u",
    ":--", "{{ x }}", "a_b", "_a_", "\x1b[31m", "\x00", "\u202e", "\u2028", "ⱼ", "ᵀ", "∂", "中文",
    "é", "™", "−", "🎉", " ", "a", "2", "'", '"',
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)
"""Anything, and often what means something."""
