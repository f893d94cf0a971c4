"""The report's players: words decoded by every arm, and what each decoder says besides."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from analysis.read.sounds import Shelf, Sound
from sim_study.views.page import data_url

SHELF_TITLES = {
    "draws": "Draws",
    "interpolations": "Ways between two clips",
    "traversals": "Ways along single dimensions",
}


def words_table(found: Sequence[Sound]) -> str:
    """Return a table with a row a word: the original and every arm's reconstruction."""
    if not found:
        return ""
    titles = list(dict.fromkeys(title for sound in found for title, _ in sound.decoded))
    head = "".join(f"<th>{escape(title)}</th>" for title in ["original", *titles])
    rows = []
    for sound in found:
        files: dict[str, Path] = dict(sound.decoded)
        cells = [sound.original, *(files.get(title) for title in titles)]
        players = "".join(f"<td>{_player(file) if file else ''}</td>" for file in cells)
        rows.append(f"<tr><td>{escape(sound.word)}</td>{players}</tr>")
    return (
        "<div class=scroll><table><caption>Test clips, decoded from frozen latents; one seed an arm"
        f"</caption><tr><th>clip</th>{head}</tr>{''.join(rows)}</table></div>"
    )


def shelves_list(found: Sequence[Shelf]) -> str:
    """Return what decoders say besides, closed until it is asked for: pictures and players."""
    parts = []
    for shelf in found:
        title = f"{SHELF_TITLES[shelf.name]}: {shelf.decoder}"
        picture = ""
        if shelf.picture.exists():
            url = data_url(shelf.picture, "image/png")
            picture = f'<figure><img alt="{escape(title)}" src="{url}"></figure>'
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{escape(name)}<br>{_player(file)}</td>" for name, file in row)
            + "</tr>"
            for row in shelf.rows
        )
        parts.append(
            f"<details><summary>{escape(title)}</summary>{picture}"
            f"<div class=scroll><table>{rows}</table></div></details>"
        )
    return "".join(parts)


def _player(file: Path) -> str:
    return f'<audio controls preload="none" src="{data_url(file, "audio/wav")}"></audio>'
