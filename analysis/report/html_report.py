"""One HTML file that says, shows and plays what a study found; needs nothing beside itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from analysis.figures.draw import Picture
from analysis.read.sounds import DecodedWord, SoundTable, decoded_words, sound_tables
from analysis.report.comparison_grid import (
    EACH_CAPTION,
    FULL_CAPTION,
    comparison_grids,
    each_grids,
    footnotes,
)
from analysis.report.grid import Grid
from analysis.report.primary_grid import primary_grid
from analysis.report.settings import settings_grid
from analysis.report.summary import Summary
from analysis.statistics.answer import Answer
from analysis.words.glossary import words
from analysis.words.limits import limits
from analysis.words.plain_answer import CLEAR, heading, plain_answer
from analysis.words.primary_answer import READING, primary_answer
from analysis.words.quantities import EXPLAINED
from sim_study.views.page import STYLE as PAGE_STYLE
from sim_study.views.page import data_url, figure_html

STYLE = (
    PAGE_STYLE
    + """
.question { font-size: 1.15rem; color: #444; margin: 0 0 1rem; }
ul.findings li { margin: .35rem 0; }
table { border-collapse: collapse; margin: 1.1rem 0 .4rem; font-size: .86rem; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th { text-align: right; font-weight: 600; border-bottom: 1.5px solid #444; padding: .15rem .7rem; }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: nowrap; }
td { padding: .15rem .7rem; border-bottom: 1px solid #eee; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tr.faint td { color: #888; }
audio { height: 32px; width: 190px; vertical-align: middle; }
dl { display: grid; grid-template-columns: 14rem 1fr; gap: .3rem 1rem; font-size: .9rem; }
dt { font-weight: 600; } dd { margin: 0; color: #444; }
details { margin: .6rem 0; } summary { cursor: pointer; font-weight: 600; }
.scroll { overflow-x: auto; }
"""
)


TABLE_TITLES = {
    "draws": "Draws",
    "interpolations": "Ways between two clips",
    "traversals": "Ways along single dimensions",
}


def write_report(path: Path, answer: Answer, summary: Summary, pictures: Sequence[Picture]) -> None:
    """Write the report, an HTML file, of what `compare` found, the study at a glance, figures."""
    sections = [
        _head(answer),
        _section("Answer", _answer(answer)),
        _section("Exploratory", _list(plain_answer(answer)) + _note(CLEAR)),
        _section("Notes", _list(limits(answer))),
        _section("Figures", "".join(figure_html(*picture) for picture in pictures)),
        _section("Sounds", _sounds(answer)),
        _section("Arms at a glance", _grids(summary.all_grids) + _notes([summary.caption])),
        _section("Winners, paired by seed", _winners(answer)),
        _section("Every configuration, paired by seed", _each(answer)),
        _section("Words", _words(summary)),
        _section("Settings", _settings(answer)),
    ]
    title = f"Study {answer.study.name}"
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><body>{''.join(sections)}</body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _head(answer: Answer) -> str:
    question = escape(answer.study.facts.question)
    corpus = answer.study.facts.corpus.get("name", "")
    encoders = answer.study.trials[answer.study.trials["stage"] == "encoder"]
    finished = int((encoders["status"] == "finished").sum())
    note = (
        f"{finished} of {len(encoders)} encoders finished; {len(answer.measured)} configurations"
        + (f"; corpus {corpus}" if corpus else "")
    )
    return (
        f"<h1>Study {escape(answer.study.name)}</h1><p class=question>{question}</p>"
        f'<p class=note>{escape(note)}. <a href="#words">What the words mean</a></p>'
    )


def _section(title: str, body: str) -> str:
    name = title.split(",")[0].lower().replace(" ", "-")
    return f'<section id="{name}"><h2>{escape(title)}</h2>{body}</section>' if body else ""


def _answer(answer: Answer) -> str:
    grid = primary_grid(answer.primary)
    sentences = _list(primary_answer(answer.primary, answer.study.facts))
    return f"{_grids([grid])}{sentences}{_notes([READING])}" if grid else sentences


def _winners(answer: Answer) -> str:
    if answer.best is None:
        return ""
    notes = [FULL_CAPTION, *footnotes([answer.best])]
    tables = _grids(comparison_grids(answer.best, full=True))
    return f"<p>{escape(heading(answer.best))}.</p>{tables}{_notes(notes)}"


def _each(answer: Answer) -> str:
    body = _grids(each_grids(answer.each, full=True))
    notes = _notes([EACH_CAPTION, *footnotes(answer.each)])
    return f"<details><summary>Show all tables</summary>{body}{notes}</details>" if body else ""


def _list(sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in sentences)
    return f"<ul class=findings>{items}</ul>" if items else ""


def _grids(grids: Iterable[Grid]) -> str:
    return "".join(f"<div class=scroll>{grid.to_html()}</div>" for grid in grids)


def _note(text: str) -> str:
    return f"<p class=note>{escape(text)}</p>"


def _notes(texts: Sequence[str]) -> str:
    return "".join(_note(f"{text}.") for text in texts)


def _sounds(answer: Answer) -> str:
    study = answer.study
    spoken = words_table(decoded_words(study.runs, study.best))
    return spoken + tables_list(sound_tables(study.runs, study.best))


def _words(summary: Summary) -> str:
    listed = sorted(set(summary.rows.get("quantity", [])) & set(EXPLAINED), key=EXPLAINED.index)
    items = "".join(
        f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>" for word, meaning in words(listed)
    )
    return f"<dl>{items}</dl>"


def _settings(answer: Answer) -> str:
    grid = settings_grid(answer.study)
    return f"<details><summary>Show</summary>{grid.to_html()}</details>" if grid else ""


def words_table(found: Sequence[DecodedWord]) -> str:
    """Return a table with a row a word: the original and every arm's reconstruction."""
    if not found:
        return ""
    titles = list(dict.fromkeys(title for word in found for title, _ in word.decoded))
    head = "".join(f"<th>{escape(title)}</th>" for title in ["original", *titles])
    rows = []
    for word in found:
        files: dict[str, Path] = dict(word.decoded)
        cells = [word.original, *(files.get(title) for title in titles)]
        players = "".join(f"<td>{_player(file) if file else ''}</td>" for file in cells)
        rows.append(f"<tr><td>{escape(word.word)}</td>{players}</tr>")
    return (
        "<div class=scroll><table><caption>Test clips, decoded from frozen latents; one seed an arm"
        f"</caption><tr><th>clip</th>{head}</tr>{''.join(rows)}</table></div>"
    )


def tables_list(found: Sequence[SoundTable]) -> str:
    """Return what decoders say besides, closed until it is asked for: pictures and players."""
    parts = []
    for table in found:
        title = f"{TABLE_TITLES[table.name]}: {table.decoder}"
        picture = ""
        if table.picture.exists():
            url = data_url(table.picture, "image/png")
            picture = f'<figure><img alt="{escape(title)}" src="{url}"></figure>'
        rows = [
            "".join(f"<td>{escape(name)}<br>{_player(file)}</td>" for name, file in row)
            for row in table.rows
        ]
        parts.append(
            f"<details><summary>{escape(title)}</summary>{picture}<div class=scroll><table>"
            f"{''.join(f'<tr>{cells}</tr>' for cells in rows)}</table></div></details>"
        )
    return "".join(parts)


def _player(file: Path) -> str:
    return f'<audio controls preload="none" src="{data_url(file, "audio/wav")}"></audio>'
