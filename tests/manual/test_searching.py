"""Search in the manual."""

from __future__ import annotations

from cnnstudio.manual.page import Page
from cnnstudio.manual.searching import MAX_FOUND, Index


def page(path: str, text: str) -> Page:
    return Page(path, text.partition("\n")[0].removeprefix("# "), "", lambda: text)


def index(*pages: Page) -> Index:
    made = Index()
    for each in pages:
        made.add(each)
    return made


def test_every_word_must_begin_a_word_of_a_section() -> None:
    made = index(page("a.md", "# Layers\nPadding and stride.\n## Blocks\nRepeat a block.\n"))
    assert [found.section.anchor for found in made.find("PAD str")] == [""]
    assert [found.section.anchor for found in made.find("repe")] == ["blocks"]
    assert made.find("padding block") == []
    assert made.find("adding") == []
    assert made.find("  ") == []


def test_a_title_counts_more_than_text_and_a_whole_word_more_than_a_beginning() -> None:
    made = index(
        page("text.md", "# One\nIt tells of padding, padding and padding.\n"),
        page("title.md", "# Padding\nNothing else.\n"),
        page("longer.md", "# Two\nIt tells of paddings.\n"),
    )
    assert [found.page.path for found in made.find("padding")] == ["title.md", "text.md", "longer.md"]


def test_the_excerpt_shows_the_word_without_the_marks_of_tables_and_links() -> None:
    text = "# A\n\n" + "word " * 60 + "\n\n| field | `stride` |\n| --- | --- |\n| [x](y.md) | more |\n"
    (found,) = index(page("a.md", text)).find("stride")
    assert "field stride x more" in found.excerpt
    assert found.excerpt.startswith("… ")


def test_no_more_is_found_than_somebody_reads() -> None:
    assert len(index(*[page(f"{n}.md", f"# {n}\nsame word\n") for n in range(MAX_FOUND + 9)]).find("same")) == MAX_FOUND
