"""What every verb shares: one clear message for a user's mistake, exit code 2, no traceback."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sim_study.errors import EXIT_USER_ERROR, UserError

EXIT_INTERRUPTED = 130
OUTPUT = Path("runs")
"""Where everything is kept by default."""

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Verb(click.Command):
    """A command that turns errors into one message; `--debug` shows the traceback."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(["--debug"], is_flag=True, help="Show tracebacks of errors.")
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a mistake ends with code 2, a fault of ours with code 1."""
        if ctx.params.pop("debug"):
            return super().invoke(ctx)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except UserError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(EXIT_USER_ERROR)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            click.echo(f"error: {place}{error.strerror or error}", err=True)
            ctx.exit(EXIT_USER_ERROR)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except Exception as error:
            click.echo(
                f"fault: {type(error).__name__}: {error}\n(run again with --debug for details)",
                err=True,
            )
            ctx.exit(1)


def output_option(
    meaning: str = "Folder that the sweep wrote to.",
) -> Callable[[Decorated], Decorated]:
    """Return the option that names the output folder, of every verb that has one."""
    return click.option(
        "--output",
        type=click.Path(path_type=Path, file_okay=False),
        default=OUTPUT,
        show_default=True,
        help=meaning,
    )


def python() -> str:
    """The interpreter as a person would type it here: a virtual environment's by its path."""
    if sys.prefix == sys.base_prefix or os.environ.get("VIRTUAL_ENV") == sys.prefix:
        return "python"  # the system's, or that of an activated environment
    path = Path(sys.executable)
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
