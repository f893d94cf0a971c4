"""A study's results as one page of Markdown, with where its numbers come from."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from analysis.read.study import StudyRecord
from analysis.report.show import bullets, comparison_markdown
from analysis.report.summary import summary
from analysis.statistics.answer import answer
from sim_study.ledger.ledger import Ledger
from sim_study.ledger.records import Result

ROOT = Path(__file__).resolve().parents[2]
SPACES = ROOT / "search_spaces"


def results_page(ledger: Ledger, name: str) -> str:
    """Return the page of the study of that name.

    Raises:
        UserError: When there is no such study, or it has no two arms to compare.
    """
    study = StudyRecord.read(ledger, name)
    found, glance = answer(study), summary(study)
    parts = [
        f"# Study {name}",
        study.facts.question,
        _commands(name),
        bullets(provenance(study)),
        comparison_markdown(found, glance),
        "## Every arm beside the untrained encoder",
        *(grid.to_markdown().rstrip() for grid in glance.grids),
        bullets([f"{line}." for line in glance.caption.split(".\n")]) if glance.grids else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def provenance(study: StudyRecord) -> list[str]:
    """Say when, by which code and on what a study ran, and what it took; nothing names a host."""
    results = [run.result for run in study.runs if run.result]
    machines = dict.fromkeys(text for result in results if (text := _machine(result)))
    stages = _counted(run.member.stage for run in study.runs)
    ended = _counted(run.status for run in study.runs)
    corpus = study.facts.corpus.get("name", "")
    commit = _commit(ROOT)
    lines = [
        f"Run: {_days(results)}",
        f"Page written by commit {commit}" if commit else "",
        f"Corpus: {corpus}" if corpus else "",
        f"Machine: {'; '.join(machines)}" if machines else "",
        f"Trials: {len(study.runs)} ({stages}); {ended}",
        f"Time of all trials together: {_duration(sum(result.seconds for result in results))}",
    ]
    return [line for line in lines if line]


def _commands(name: str) -> str:
    """How to run the study again, where its space file is a shipped one, and how to compare."""
    line = re.compile(rf"^study:\s*{re.escape(name)}\s*$", re.MULTILINE)
    spaces = sorted(SPACES.rglob("*.yaml"))
    file = next((path for path in spaces if line.search(path.read_text(encoding="utf-8"))), None)
    commands = [f"python -m analysis.compare {name}"]
    if file is not None:
        space = file.relative_to(SPACES).as_posix()
        commands.insert(0, f"python -m sim_study.sweep --space {space}")
    return "\n".join(["```", *commands, "```"])


def _days(results: Iterable[Result]) -> str:
    """First and last day on which trials ended (UTC)."""
    ended = [result.ended_ms / 1000 for result in results if result.ended_ms]
    days = sorted(datetime.fromtimestamp(seconds, UTC).date().isoformat() for seconds in ended)
    return " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "unknown day"


def _machine(result: Result) -> str:
    """What a trial ran on: processor, cores, version of torch."""
    machine = result.machine
    parts = [
        machine.get("processor", ""),
        f"{machine['cores']} cores" if "cores" in machine else "",
        f"torch {machine['torch']}" if "torch" in machine else "",
    ]
    return ", ".join(part for part in parts if part)


def _commit(folder: Path) -> str:
    """Short name of the code's commit, and whether files differ from it; empty without git."""
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=12", "--dirty"]
    try:
        done = subprocess.run(
            [*command, "--exclude=*"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip().replace("-dirty", " with changes")


def _counted(names: Iterable[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in Counter(names).items())


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
