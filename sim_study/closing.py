"""What a person reads when a sweep ends: the table, where the files are, what to do next."""

from __future__ import annotations

import shlex
from pathlib import Path

from rich.console import Console
from rich.text import Text

from analysis.read.study import StudyRecord
from analysis.report.summary import summary
from sim_study.entry import OUTPUT, python
from sim_study.ledger.files import write_text
from sim_study.ledger.ledger import Ledger
from sim_study.space.spec import Spec
from sim_study.study.run.engine import Ending
from sim_study.study.show.progress import name_of


def closing(console: Console, spec: Spec, output: Path, ending: Ending, command: str) -> None:
    """Print how the study stands, and write its table beside it.

    Args:
        console: Where to print.
        spec: The study.
        output: The output folder.
        ending: How the run ended.
        command: The command that continues the study.
    """
    ledger = Ledger(output)
    folder = ledger.study(spec.study).path
    table = summary(StudyRecord.read(ledger, spec.study))
    write_text(folder / "summary.md", table.to_markdown())
    write_text(folder / "summary.csv", table.to_csv())
    console.print()
    console.print(table)
    for planned, result in ending.troubled:
        style = "yellow" if result.status == "diverged" else "red"
        console.print(Text(f"{result.status}: {name_of(planned)}: {result.reason}", style=style))
    if ending.pending or ending.tracking_problem:
        late = f"MLflow: {ending.pending} runs are not up to date ({ending.tracking_problem}); "
        kept = "nothing is lost, the same command delivers them"
        console.print(Text(late + kept, style="yellow"))
    failed = any(result.status == "failed" for _, result in ending.troubled)
    where = "" if output == OUTPUT else f" --output {shlex.quote(str(output))}"
    lines = [
        ("files", str(folder)),
        ("MLflow UI", f"{python()} -m sim_study.ui --study {spec.study}{where}"),
        ("comparison", f"{python()} -m analysis.compare {spec.study}{where}"),
    ]
    if ending.stopped:
        console.print(f"stopped by {ending.stopped}; everything so far is kept")
    if failed or not ending.complete:
        lines.append(("try again" if ending.complete else "continue", command))
    for name, text in lines:
        console.print(Text(f"{name:11}{text}"), soft_wrap=True)
