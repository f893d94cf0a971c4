"""python -m analysis.results STUDY ...: a page of Markdown that holds what a study found."""

from __future__ import annotations

from pathlib import Path

import click

from sim_study.entry import Verb, output_option


@click.command(cls=Verb)
@click.argument("studies", metavar="STUDY...", nargs=-1, required=True)
@output_option()
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("docs/results"),
    show_default=True,
    help="Folder of the pages, one STUDY.md each.",
)
def main(studies: tuple[str, ...], output: Path, to: Path) -> None:
    """Write the results of each STUDY as a page of Markdown.

    A page holds the question, the command that runs the study, where its numbers come from (date,
    commit of this code, processor, trials and their time), the answer in a few sentences, and the
    headline tables: the winners and every configuration of sim against gim, paired by seed, and
    every arm beside the untrained encoder. It names no folder and no machine of yours.

    The commit is that of the code that writes the page, where git knows it. All studies are read
    before a page is written; a page that was there is replaced.
    """
    # Imported when needed, so that --help answers at once.
    from analysis.report.results_page import results_page
    from sim_study.ledger.files import write_text
    from sim_study.ledger.ledger import Ledger

    ledger = Ledger(output)
    pages = {to / f"{study}.md": results_page(ledger, study) for study in dict.fromkeys(studies)}
    for path, page in pages.items():
        write_text(path, page)
        click.echo(f"{path}")


if __name__ == "__main__":
    main()
