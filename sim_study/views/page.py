"""One page that shows all views of an encoder; needs nothing beside itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from sim_study.views.style import Drawn

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff;
       max-width: 1180px; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem;
       border-bottom: 1px solid #ddd; padding-bottom: .2rem; }
.note { color: #666; font-size: .85rem; }
figure { margin: 1.2rem 0 2rem; } figure img { max-width: 100%; height: auto; }
figcaption { color: #555; font-size: .88rem; } figcaption b { color: #222; }
"""
"""What every page of this project shares."""


def write_page(
    path: Path,
    title: str,
    note: str,
    shown: Sequence[tuple[str, Drawn, Path]],
    headings: Mapping[str, str],
) -> None:
    """Write the page; pictures that are read alike are explained once.

    Args:
        path: The HTML file.
        title: Its heading.
        note: Below the heading: what the pictures are of.
        shown: View, figure and where that was saved.
        headings: Of the views.
    """
    parts = [f"<h1>{escape(title)}</h1><p class=note>{escape(note)}</p>"]
    views = list(dict.fromkeys(view for view, _, _ in shown))
    for view in views:
        figures, explained = "", ""
        for of, drawn, file in shown:
            if of == view:
                caption = "" if drawn.caption == explained else drawn.caption
                width_inches = drawn.figure.get_figwidth()
                figures += figure_html(drawn.title, caption, width_inches, file)
                explained = drawn.caption
        parts.append(f'<section id="{view}"><h2>{escape(headings[view])}</h2>{figures}</section>')
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def figure_html(title: str, caption: str, width_inches: float, file: Path) -> str:
    """Return a figure with its caption, the picture inside."""
    width = width_inches * 96  # pixels: text is equally large in every figure
    return (
        f'<figure><img alt="{escape(title)}" style="width: {width:.0f}px" '
        f'src="{data_url(file, "image/png")}">'
        f"<figcaption><b>{escape(title)}.</b> {escape(caption)}</figcaption></figure>"
    )


def data_url(file: Path, kind: str) -> str:
    """Return a file's content as an address of its own."""
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
