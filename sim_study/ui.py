"""python -m sim_study.ui: the MLflow UI on this machine's studies."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from sim_study.entry import Verb, output_option
from sim_study.errors import Problem, UserError, near_miss
from sim_study.ledger.ledger import Ledger
from sim_study.tracking.delivered import DeliveredRuns
from sim_study.tracking.experiment_page import comparison_path, experiment_path
from sim_study.tracking.locations import make_portable
from sim_study.tracking.server import HOST, serving
from sim_study.tracking.store import (
    artifact_folder,
    is_server,
    own_file,
    sqlite_file,
    tracking_uri,
)

MAX_COMPARED = 12
"""Configurations in the printed comparison; more make an address that terminals break."""


@click.command(cls=Verb)
@click.option("--study", help="Study to open; all studies are listed when left out.")
@output_option()
@click.option("--port", type=click.IntRange(1, 65535), default=5000, show_default=True)
def main(study: str | None, output: Path, port: int) -> None:
    """Open the MLflow UI on the studies of an output folder; Ctrl-C closes it."""
    ledger = Ledger(output)
    studies = _chosen(ledger, study)
    recorded = {name: DeliveredRuns.latest(ledger.study(name), output) for name in studies}
    uri = next((records.uri for records in recorded.values() if records.uri), "")
    if not uri or "***@" in uri:  # passwords are not recorded
        uri = tracking_uri(None, output)
    shown = {name: records for name, records in recorded.items() if records.uri == uri}
    if is_server(uri):
        _print_addresses(uri.rstrip("/"), shown)
        return
    file = sqlite_file(uri)
    if file is not None and not file.exists():
        raise UserError(Problem(str(file), "no such store", hint="run the study first"))
    if own := own_file(uri, output):
        make_portable(own)
    artifacts = artifact_folder(uri, output)
    assert artifacts is not None  # only servers have none
    click.echo("starting the MLflow UI (about 10 s) ...")
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with serving(uri, artifacts, port, output / "ui.log") as server:
            _print_addresses(f"http://{HOST}:{port}", shown)
            click.echo("Ctrl-C closes the UI.")
            server.wait()
            raise UserError(Problem(str(output / "ui.log"), "the MLflow server ended by itself"))
    except KeyboardInterrupt:
        click.echo("\nclosed")
    finally:
        signal.signal(signal.SIGTERM, before)


def _chosen(ledger: Ledger, study: str | None) -> list[str]:
    """The named study, or all.

    Raises:
        UserError: When there is none.
    """
    known = ledger.studies()
    if not known:
        hint = "run python -m sim_study.sweep first, or name its folder with --output"
        raise UserError(Problem(str(ledger.output), "holds no study", hint=hint))
    if study is not None and study not in known:
        hint = near_miss(study, known) or f"there are: {', '.join(known)}"
        raise UserError(Problem("--study", "no such study", value=study, hint=hint))
    return known if study is None else [study]


def _print_addresses(root: str, shown: dict[str, DeliveredRuns]) -> None:
    for name, records in shown.items():
        path = experiment_path(records.experiment_id, bool(records.page))
        click.echo(f"{name}: {root}{path}")
        compared = records.configuration_runs[:MAX_COMPARED]
        path = comparison_path(records.experiment_id, compared)
        click.echo(f"  configurations side by side: {root}{path}")
    if not shown:
        click.echo(root)
    click.echo("To compare other runs: tick them in the table, then press Compare.")


if __name__ == "__main__":
    main()
