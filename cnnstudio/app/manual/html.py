"""Pages of the manual as the HTML that Qt's text browser shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from cnnstudio.app.appearance.theme import Theme
from cnnstudio.manual.page import anchor_of

SUFFIX: Final = ".html"
"""The suffix that links have here: for `.md` Qt would write Markdown by itself, without colours and anchors."""
_FRAME: Final = '<table class="{}" width="100%" cellspacing="0" cellpadding="{}">'


def html_of(markdown: str) -> str:
    """A page as HTML, with an anchor at each heading, links to pages with `SUFFIX`, and code in a field."""
    return str(_parser().render(markdown))


def shown_link(link: str) -> str:
    """The link to a page as it stands in the HTML: `../layers/Conv2D.html#fields`."""
    path, hash_, anchor = link.partition("#")
    return (path.removesuffix(".md") + SUFFIX if path.endswith(".md") else path) + hash_ + anchor


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return parser.enable("table")


class _Renderer(RendererHTML):
    """Writes what Qt's subset of HTML can show."""

    def heading_open(self, tokens: Sequence[Token], at: int, *_: Any) -> str:
        return f'<{tokens[at].tag}><a name="{anchor_of(tokens[at + 1].content)}">'

    def heading_close(self, tokens: Sequence[Token], at: int, *_: Any) -> str:
        return f"</a></{tokens[at].tag}>\n"

    def paragraph_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        inside = tokens[at + 1].children or []
        # Lines are set apart by a part of their height, and a picture is a line.
        if [token.type for token in inside] == ["image"]:
            return '<p class="picture">'
        return self.renderToken(tokens, at, options, env)

    def link_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        tokens[at].attrSet("href", shown_link(str(tokens[at].attrGet("href"))))
        return self.renderToken(tokens, at, options, env)

    def fence(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"{_FRAME.format('code', 8)}<tr><td>{super().fence(tokens, at, options, env)}</td></tr></table>\n"

    def code_block(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return f"{_FRAME.format('code', 8)}<tr><td>{super().code_block(tokens, at, options, env)}</td></tr></table>\n"

    def table_open(self, *_: Any) -> str:
        return _FRAME.format("rows", 5)

    def table_close(self, *_: Any) -> str:
        # Qt leaves no room below a table.
        return "</table><p></p>\n"


def style_of(theme: Theme) -> str:
    """The style sheet of pages in the colours of the theme, with sizes that follow the size of its text."""
    tokens, points = theme.tokens, theme.text_font().pointSizeF()
    sizes = {"h1": 1.75, "h2": 1.3, "h3": 1.1, "h4": 1.0}
    headings = "".join(
        f"{tag} {{ font-size: {points * size:.1f}pt; font-weight: 600; margin-top: {round(points * size)}px; "
        f"margin-bottom: {round(points * 0.6)}px; }}\n"
        for tag, size in sizes.items()
    )
    return headings + (
        f"body {{ color: {tokens.text}; }}\n"
        f"a {{ color: {tokens.accent}; text-decoration: none; }}\n"
        f"h1 a, h2 a, h3 a, h4 a {{ color: {tokens.text}; }}\n"
        f"p, li {{ margin-bottom: {round(points * 0.6)}px; line-height: 125%; }}\n"
        "p.picture { line-height: 100%; }\n"
        f"code {{ font-size: {points * 0.95:.1f}pt; }}\n"
        f"pre {{ margin: 0; }}\n"
        f"table.code {{ background-color: {tokens.raised}; margin-bottom: {round(points)}px; }}\n"
        "table.rows { border-collapse: collapse; }\n"
        f"th {{ text-align: left; border-bottom: 1px solid {tokens.outline}; color: {tokens.muted}; }}\n"
        f"td {{ border-bottom: 1px solid {tokens.hairline}; }}\n"
        "table.code td { border: none; }\n"
    )
