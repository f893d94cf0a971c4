"""The verb `python -m sim_study.corpus`: list, synthesise, fetch, prepare and inspect corpora."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from sim_study.config.corpus import (
    ArtificialSpeech,
    CorpusConfig,
    LibriSpeech,
    SyntheticSpeech,
)
from sim_study.config.strict import build
from sim_study.data.corpus import DESCRIPTION, Corpus, open_corpus, read_description
from sim_study.data.librispeech.corpus import LibriSpeechCorpus
from sim_study.data.prepare import prepare
from sim_study.entry import Verb, output_option
from sim_study.errors import Problem, UserError, near_miss

Model = type[SyntheticSpeech] | type[ArtificialSpeech] | type[LibriSpeech]
MODELS: dict[str, Model] = {
    "synthetic-speech": SyntheticSpeech,
    "artificial-speech": ArtificialSpeech,
    "librispeech": LibriSpeech,
}
NEEDS = {
    "synthetic-speech": "nothing: it is spoken on this machine in seconds",
    "artificial-speech": "corpus.root, a local copy; `fetch` gets one",
    "librispeech": "corpus.root, a local copy of some subsets; `fetch` gets them",
}

to_output = output_option("Where results are kept; corpora go to its folder 'corpora'.")
set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A key of the corpus' section, such as corpus.root=DIR or corpus.seed=3; repeatable.",
)


@click.group()
def main() -> None:
    """Corpora: what there is, how to get it, what is in it."""


@main.command(cls=Verb, name="list")
@to_output
def list_corpora(output: Path) -> None:
    """Name the corpora, what they need, and where prepared ones are."""
    console = Console()
    table = Table()
    for heading in ("corpus", "what it is", "needs"):
        table.add_column(heading)
    for name, model in MODELS.items():
        table.add_row(name, (model.__doc__ or "").strip(), NEEDS[name])
    console.print(table)
    folders = sorted(path.parent for path in (output / "corpora").glob(f"*/{DESCRIPTION}"))
    if not folders:
        click.echo(f"no prepared corpora in {output / 'corpora'}")
    for folder in folders:
        description = read_description(folder)
        count = sum(record.clips for record in description.files.values())
        what = "utterances" if description.name == "librispeech" else "clips"
        click.echo(f"prepared: {folder}  {count} {what}  {description.fingerprint[:12]}")


@main.command(cls=Verb)
@click.option("--seed", type=int, help="Draws words, voices, pitch and rate. [default: 0]")
@click.option("--train-words", type=int, help="Words of the training split. [default: 640]")
@click.option("--test-words", type=int, help="Words of the test split. [default: 160]")
@click.option("--voice", "voices", multiple=True, help="An espeak-ng voice; repeatable.")
@click.option("--pitch", type=(int, int), help="Lowest and highest pitch, 0-99.")
@click.option("--rate", type=(int, int), help="Slowest and fastest, words a minute, 80-450.")
@click.option(
    "--wav",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also write every clip as a WAV file under this folder.",
)
@to_output
def synthesise(output: Path, wav: Path | None, **given: Any) -> None:
    """Speak the corpus synthetic-speech."""
    settings = {key: value for key, value in given.items() if value not in (None, ())}
    config = build(SyntheticSpeech, settings, "synthetic-speech")
    _say_where(corpus := prepare(config, output, click.echo))
    if wav is not None:
        from sim_study.data.syllables.export import write_wavs

        click.echo(f"{write_wavs(corpus, wav)} WAV files: {wav}")


@main.command(cls=Verb)
@click.argument("name", default="artificial-speech")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder that the corpus goes into; new or empty for artificial-speech.",
)
@click.option(
    "--subset",
    "subsets",
    multiple=True,
    help="Of librispeech; repeatable.  [default: train-clean-100]",
)
def fetch(name: str, root: Path, subsets: tuple[str, ...]) -> None:
    """Get a public corpus (artificial-speech or librispeech) into a folder; needs a network.

    An interrupted download of librispeech is taken up by the same command.
    """
    model = _model(name)
    if model is SyntheticSpeech:
        raise UserError(Problem(name, "needs no fetching", hint="`synthesise` speaks it"))
    if model is LibriSpeech:
        from sim_study.data.librispeech.fetch import LABELS, LICENCE, fetch_librispeech

        fetch_librispeech(root, subsets or ("train-clean-100",), click.echo)
        click.echo(f"licence: {LICENCE}\n{LABELS.format(folder=root / 'labels')}")
    else:
        if subsets:
            raise UserError(Problem("--subset", "is only for librispeech"))
        from sim_study.data.artificial_speech import fetch as clone

        is_new = clone.fetch_artificial_speech(root)
        click.echo(
            f"{name} {'is now' if is_new else 'was already'} in {root} (licence {clone.LICENCE})"
        )
    click.echo(f"next: python -m sim_study.corpus prepare {name} --set corpus.root={root}")


@main.command(cls=Verb, name="prepare")
@click.argument("name", default="synthetic-speech")
@set_option
@to_output
def prepare_corpus(name: str, settings: Sequence[str], output: Path) -> None:
    """Check and prepare the corpus NAME; a prepared one is opened at once."""
    _say_where(prepare(_configuration(name, settings), output, click.echo))


@main.command(cls=Verb)
@click.argument("target", default="synthetic-speech")
@click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the figure goes.  [default: beside the prepared corpus]",
)
@set_option
@to_output
def inspect(target: str, figure: Path | None, settings: Sequence[str], output: Path) -> None:
    """Print what a corpus holds and draw waveforms and mel spectrograms.

    TARGET is a corpus' name (prepared when need be) or the folder of a prepared corpus.
    """
    if (Path(target) / DESCRIPTION).exists():
        corpus = open_corpus(Path(target))
        corpus.verify(thorough=True)
    else:
        corpus = prepare(_configuration(target, settings), output, click.echo)
    figure = figure or corpus.folder.with_suffix(".png")
    _show(corpus, figure)
    click.echo(f"figure: {figure}")
    _say_where(corpus)


def _show(corpus: Corpus, figure: Path) -> None:
    console = Console()
    if isinstance(corpus, LibriSpeechCorpus):
        from sim_study.data.librispeech.figure import draw_utterances
        from sim_study.data.librispeech.tables import tables

        console.print(*tables(corpus))
        draw_utterances(corpus, figure)
    else:
        from sim_study.data.syllables.figure import draw_corpus
        from sim_study.data.syllables.tables import balance_table, counts_table

        console.print(counts_table(corpus), balance_table(corpus))
        draw_corpus(corpus, figure)


def _model(name: str) -> Model:
    if name not in MODELS:
        hint = near_miss(name, MODELS) or f"one of {', '.join(MODELS)}"
        raise UserError(Problem(name, "unknown corpus", hint=hint))
    return MODELS[name]


def _configuration(name: str, settings: Sequence[str]) -> CorpusConfig:
    data: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise UserError(Problem("--set", "must be KEY=VALUE", value=setting))
        data[key.strip().removeprefix("corpus.")] = yaml.safe_load(value)
    return build(_model(name), data, name)


def _say_where(corpus: Corpus) -> None:
    click.echo(f"corpus: {corpus.folder}\nfingerprint: {corpus.fingerprint}")


if __name__ == "__main__":
    main()
