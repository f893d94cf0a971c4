"""A page of results holds what compare prints and where it comes from, and names no machine."""

from __future__ import annotations

import platform
from dataclasses import replace

import pytest
from click.testing import CliRunner

from analysis.read.study import StudyRecord
from analysis.report import results_page
from analysis.report.results_page import provenance
from analysis.report.show import comparison_markdown
from analysis.report.summary import summary
from analysis.results import main
from analysis.statistics.answer import answer
from sim_study.ledger.records import Result


@pytest.fixture(scope="module")
def pages(fabricate, tmp_path_factory):
    to = tmp_path_factory.mktemp("docs")
    made = fabricate()
    fabricate(output=made.ledger.output, name="mine")  # the same trials
    arguments = ["kld", "mine", "--output", str(made.ledger.output), "--to", str(to)]
    return made, to, CliRunner().invoke(main, arguments)


def test_a_page_a_study(pages):
    _, to, result = pages
    assert result.exit_code == 0, result.output
    assert result.output.split() == [str(to / "kld.md"), str(to / "mine.md")]
    page = (to / "kld.md").read_text(encoding="utf-8")
    lines = page.splitlines()
    assert lines[0] == "# Study kld"
    assert lines[2] == "Does a stronger KL pull make the code less entangled?"
    assert "- Trials: 57 (15 encoder, 15 probe, 15 metrics, 12 decoder); 57 finished" in lines
    assert "- Time of all trials together: 1 min" in lines  # 57 x 1.5 s
    assert "- Corpus: synthetic-speech" in lines
    assert "| vowel module 0 | 3 | 0.810 | 0.870 | +0.060 |" in page


def test_it_holds_what_compare_prints_and_the_summarys_tables(pages):
    made, to, _ = pages
    page = (to / "kld.md").read_text(encoding="utf-8")
    study = StudyRecord.read(made.ledger, "kld")
    glance = summary(study)
    assert comparison_markdown(answer(study), glance) in page
    assert all(grid.to_markdown().rstrip() in page for grid in glance.grids)


def test_it_names_the_commands_and_neither_folders_nor_the_host(pages):
    made, to, _ = pages
    shipped, mine = ((to / f"{name}.md").read_text(encoding="utf-8") for name in ("kld", "mine"))
    assert "python -m sim_study.sweep --space kld.yaml\npython -m analysis.compare kld\n" in shipped
    assert "sim_study.sweep" not in mine  # no shipped space file has a study of that name
    for page in (shipped, mine):
        assert str(made.ledger.output) not in page
        assert str(results_page.ROOT) not in page
        assert f" {platform.node()}" not in page


def test_an_unknown_study_leaves_every_page_as_it_was(pages, tmp_path):
    made, _, _ = pages
    arguments = ["kld", "kdl", "--output", str(made.ledger.output), "--to", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "did you mean 'kld'?" in result.output
    assert list(tmp_path.iterdir()) == []


def ran_on(study, **machine):
    """The study with all of its trials run on one machine, on the first two days of 2026."""
    runs = [
        replace(
            run,
            result=Result(
                status="finished",
                seconds=100,
                ended_ms=1_767_225_600_000 + 86_400_000 * (number % 2),
                machine=machine,
            ),
        )
        for number, run in enumerate(study.runs)
    ]
    return replace(study, runs=tuple(runs))


def test_days_processor_and_time_are_those_of_the_trials(fake):
    study = StudyRecord.read(fake.ledger, "kld")
    small = provenance(ran_on(study, host="?", processor="Fast 9000", cores="2", torch="2.9"))
    assert "Run: 2026-01-01 to 2026-01-02" in small
    assert "Machine: Fast 9000, 2 cores, torch 2.9" in small
    assert "Time of all trials together: 1 h 35 min" in small
    graphics = provenance(ran_on(study, host=platform.node(), processor="H100", cores="8"))
    assert "Machine: H100, 8 cores" in graphics


def test_without_git_no_commit_is_named(fake, tmp_path, monkeypatch):
    assert results_page._commit(tmp_path) == ""
    monkeypatch.setattr(results_page, "_commit", lambda folder: "0123456789ab with changes")
    lines = provenance(StudyRecord.read(fake.ledger, "kld"))
    assert "Page written by commit 0123456789ab with changes" in lines
