"""A table of finished words, written for a terminal, for Markdown or for HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass
from textwrap import wrap

from rich import box
from rich.table import Table
from rich.text import Text

MANY_COLUMNS = 5
"""With more number columns than this, numbers are written compactly, to fit a terminal."""

LABEL_COLUMNS = 14
"""Least width of the first column, in characters."""

HEAD_COLUMNS = 9
"""A number column's head is folded when it is longer than this and than the numbers."""


@dataclass(frozen=True)
class Grid:
    """A small table for people.

    Args:
        title: What it shows, with the unit.
        columns: Column heads; the first `words` of them hold words, the others numbers.
        rows: Cells as text, one list a row.
        words: Number of leading columns that hold words.
        faint: Numbers of the rows that are only there for reference, such as nulls.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    faint: frozenset[int] = frozenset()

    def to_rich(self) -> Table:
        """A rich table; words wrap, numbers never do."""
        table = Table(
            title=Text(self.title, style="bold"),
            title_justify="left",
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            show_edge=False,
        )
        for index, column in enumerate(self.columns):
            if index < self.words:
                width = LABEL_COLUMNS if index == 0 else None
                table.add_column(Text(column), overflow="fold", min_width=width)
            else:
                widest = max((len(row[index]) for row in self.rows), default=0)
                head = _folded(column, max(widest, HEAD_COLUMNS))
                table.add_column(Text(head), justify="right", no_wrap=True)
        for index, row in enumerate(self.rows):
            table.add_row(*map(Text, row), style="dim" if index in self.faint else None)
        return table

    def to_markdown(self) -> str:
        """A Markdown table under a bold title."""
        aligns = ["---" if i < self.words else "---:" for i in range(len(self.columns))]
        lines = [_markdown_row(self.columns), _markdown_row(aligns)]
        lines += [_markdown_row(row) for row in self.rows]
        return f"**{self.title}**\n\n" + "\n".join(lines) + "\n"

    def to_html(self) -> str:
        """An HTML table with its title as caption."""
        head = "".join(f"<th>{html.escape(column)}</th>" for column in self.columns)
        kinds = ["<td>" if i < self.words else "<td class=n>" for i in range(len(self.columns))]
        body = ""
        for index, row in enumerate(self.rows):
            cells = zip(kinds, map(html.escape, row), strict=True)
            body += "<tr class=faint>" if index in self.faint else "<tr>"
            body += "".join(f"{kind}{cell}</td>" for kind, cell in cells) + "</tr>"
        return (
            f"<table><caption>{html.escape(self.title)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _folded(head: str, width: int) -> str:
    """Break a long head between words and after underscores; numbers below it stay whole."""
    lines = wrap(head.replace("_", "_ "), width)
    return "\n".join(line.replace("_ ", "_") for line in lines)


def _markdown_row(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
