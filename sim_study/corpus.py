"""The verb `python -m sim_study.corpus`: list, synthesise, fetch, prepare and inspect corpora."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from sim_study.config.strict import build
from sim_study.data.corpora import CORPORA, kind_named, kind_of
from sim_study.data.corpus import Corpus
from sim_study.data.description import DESCRIPTION, read_description
from sim_study.data.kind import CorpusSettings
from sim_study.data.prepare import folder_of, open_corpus, prepare
from sim_study.data.synthetic_speech.kind import SyntheticSpeech
from sim_study.entry import Verb, output_option
from sim_study.errors import Problem, UserError
from sim_study.space.load import load
from sim_study.space.override import override, parse_override

IN_PARTS = {name: kind.subsets for name, kind in CORPORA.items() if kind.subsets}
"""What `fetch` gets of the corpora that come in parts."""

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
    for name, known in CORPORA.items():
        table.add_row(name, (known.settings.__doc__ or "").strip(), known.needs)
    console.print(table)
    folders = sorted(path.parent for path in (output / "corpora").glob(f"*/{DESCRIPTION}"))
    if not folders:
        click.echo(f"no prepared corpora in {output / 'corpora'}")
    for folder in folders:
        description = read_description(folder)
        count = sum(record.clips for record in description.files.values())
        kind = CORPORA.get(description.name)  # another version's corpus is listed, too
        what = kind.counted_as if kind else "clips"
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
        from sim_study.data.clip_files.corpus import ClipCorpus, write_wavs

        assert isinstance(corpus, ClipCorpus)
        click.echo(f"{write_wavs(corpus, wav)} WAV files: {wav}")


@main.command(cls=Verb)
@click.argument("name", default="artificial-speech")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder that the corpus goes into; new or empty for a corpus that comes as a whole.",
)
@click.option(
    "--subset",
    "subsets",
    multiple=True,
    help="A part of a corpus that comes in parts; repeatable.  [default: "
    + "; ".join(f"{', '.join(parts)} of {name}" for name, parts in IN_PARTS.items())
    + "]",
)
def fetch(name: str, root: Path, subsets: tuple[str, ...]) -> None:
    """Get a public corpus into a folder; needs a network.

    An interrupted download of a corpus that comes in parts is taken up by the same command.
    """
    kind = kind_named(name)
    if subsets and not kind.subsets:
        raise UserError(Problem("--subset", f"is only for {', '.join(IN_PARTS)}"))
    kind.fetch(root, subsets or kind.subsets, click.echo)
    click.echo(f"licence: {kind.licence}")
    click.echo(f"next: python -m sim_study.corpus prepare {name} --set corpus.root={root}")


@main.command(cls=Verb, name="prepare")
@click.argument("name", default="synthetic-speech")
@set_option
@to_output
def prepare_corpus(name: str, settings: Sequence[str], output: Path) -> None:
    """Check and prepare the corpus NAME; a prepared one is opened at once."""
    _say_where(prepare(_settings(name, settings), output, click.echo))


@main.command(cls=Verb)
@click.argument("target", default="synthetic-speech")
@click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also draw waveforms and mel spectrograms into this PNG file.",
)
@set_option
@to_output
def inspect(target: str, figure: Path | None, settings: Sequence[str], output: Path) -> None:
    """Print what a corpus holds; --figure also draws examples.

    TARGET is a corpus' name, a space file, whose corpus is meant, or the folder of a prepared
    corpus. One that is not prepared yet is made for this look only; `prepare` keeps it.
    """
    if (Path(target) / DESCRIPTION).exists():
        corpus = open_corpus(Path(target))
        corpus.verify(thorough=True)
        _show(corpus, figure)
        _say_where(corpus)
        return
    config = _settings_of_file(target, settings) or _settings(target, settings)
    kept = folder_of(kind_of(config).recipe(config), output)
    if kept.exists():
        corpus = prepare(config, output, click.echo)
        _show(corpus, figure)
        _say_where(corpus)
        return
    with TemporaryDirectory(prefix="corpus-") as passing:
        corpus = prepare(config, Path(passing), click.echo)
        _show(corpus, figure)
        click.echo(f"fingerprint: {corpus.fingerprint}")
    click.echo(f"not prepared in {output} yet: it was made for this look only")


def _show(corpus: Corpus, figure: Path | None) -> None:
    Console().print(*kind_named(corpus.name).inspect(corpus, figure))
    if figure is not None:
        click.echo(f"figure: {figure}")


def _settings_of_file(name: str, pairs: Sequence[str]) -> CorpusSettings | None:
    """Return the corpus of a space file; None where the name is not one's."""
    if name in CORPORA or not (Path(name).suffix in (".yaml", ".yml") or Path(name).is_file()):
        return None
    keys = [pair if pair.startswith("corpus.") else f"corpus.{pair}" for pair in pairs]
    spec, _ = load(name, keys)
    return spec.corpus


def _settings(name: str, pairs: Sequence[str]) -> CorpusSettings:
    """Build a corpus' settings as a space file's section `corpus` is built."""
    section: dict[str, Any] = {}
    for pair in pairs:
        key, value = parse_override(pair)
        override(section, key.removeprefix("corpus."), value, "--set")
    model: type[CorpusSettings] = kind_named(name).settings
    return build(model, section, name)


def _say_where(corpus: Corpus) -> None:
    click.echo(f"corpus: {corpus.folder}\nfingerprint: {corpus.fingerprint}")


if __name__ == "__main__":
    main()
