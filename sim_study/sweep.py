"""The main job: `python -m sim_study.sweep --space kld.yaml`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click
from rich.console import Console

from sim_study.entry import EXIT_INTERRUPTED, OUTPUT, Verb, output_option, python
from sim_study.errors import EXIT_USER_ERROR, Problem, UserError

PIPE_COLUMNS = 120
EXIT_TERMINATED = 143


@click.command(cls=Verb)
@click.argument("space_file", required=False)
@click.option("--space", help="Space file: here, or one that is shipped.")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override any key of the file, such as train.epochs=20; may be given again.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be run and how long; run nothing.")
@click.option("--fresh", is_flag=True, help="Run every trial again; earlier results are deleted.")
@click.option("--yes", is_flag=True, help="Let --fresh delete without asking.")
@click.option(
    "--replace",
    is_flag=True,
    help="Let other settings take over a study of the same name; no trial is deleted.",
)
@click.option("--address", help="A Ray cluster, such as ray-head:6379; default: this machine.")
@output_option("Where everything is kept; on a cluster, a folder that all nodes share.")
def main(
    space_file: str | None,
    space: str | None,
    overrides: tuple[str, ...],
    dry_run: bool,
    fresh: bool,
    yes: bool,
    replace: bool,
    address: str | None,
    output: Path,
) -> None:
    """Run a study: every trial of a space file, then the table that answers its question.

    The same command again goes on where it stopped: finished trials are never run twice.
    """
    from sim_study.space.load import load

    space = _named(space_file, space)
    spec, place = load(space, overrides)
    piped = not sys.stdout.isatty()
    console = Console(highlight=False, width=PIPE_COLUMNS if piped else None)
    if dry_run:
        from sim_study.study.run.rehearsal import rehearse

        console.print(rehearse(spec, place, output, fresh=fresh))
        return

    from sim_study.data.prepare import prepare
    from sim_study.study.run.engine import run_study

    asked = _asked(space, overrides)
    command = _command(asked, address, output)
    try:
        corpus = prepare(spec.corpus, output, console.print)
        ending = run_study(
            spec,
            place,
            output,
            corpus,
            address=address,
            fresh=fresh,
            asked=asked,
            replace=replace,
            agree=lambda lines: _ask(lines, yes),
        )
        from sim_study.closing import closing  # tables take long to import: not before the trials

        closing(console, spec, output, ending, command)
        if ending.fault is not None:
            raise ending.fault
    except OSError as error:
        law = str(error.strerror or error)
        hint = f"nothing finished is lost: mend it, then go on with\n  {command}"
        raise UserError(Problem(str(error.filename or output), law, hint=hint)) from error
    if ending.stopped:
        raise SystemExit(EXIT_INTERRUPTED if ending.stopped == "SIGINT" else EXIT_TERMINATED)
    failed = [result for _, result in ending.troubled if result.status == "failed"]
    if failed or not ending.complete:
        by_user = bool(failed) and all(result.by_user for result in failed)
        raise SystemExit(EXIT_USER_ERROR if by_user else 1)


def _asked(space: str, overrides: tuple[str, ...]) -> list[str]:
    """Which study: the space file and what is set."""
    return ["--space", space, *(word for one in overrides for word in ("--set", one))]


def _named(argument: str | None, option: str | None) -> str:
    """Return the space file, which may be named with or without `--space`."""
    if argument is not None and option is not None:
        law = "is given twice, with --space and without"
        raise UserError(Problem(argument, law, hint="name one space file"))
    name = option or argument
    if not name:
        from sim_study.space.load import shipped, shown

        known = ", ".join(shown(path) for path in shipped())
        raise UserError(Problem("--space", "is required", hint=f"shipped: {known}"))
    return name


def _ask(lines: list[str], yes: bool) -> None:
    """Say what is going to be deleted, and ask whether it may be.

    Raises:
        UserError: It may not, or there is nobody to ask.
    """
    click.echo("\n".join(lines))
    if yes:
        return
    if not sys.stdin.isatty():
        law = "deletes the results above"
        raise UserError(Problem("--fresh", law, hint="add --yes if that is meant"))
    if not click.confirm("Delete them?"):
        raise UserError(Problem("--fresh", "nothing was deleted"))


def _command(asked: list[str], address: str | None, output: Path) -> str:
    words = ["-m", "sim_study.sweep", *asked]
    words += ["--address", address] if address else []
    words += ["--output", str(output)] if output != OUTPUT else []
    return f"{python()} {shlex.join(words)}"


if __name__ == "__main__":
    main(prog_name="python -m sim_study.sweep")
