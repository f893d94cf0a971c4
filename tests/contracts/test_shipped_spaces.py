"""Every shipped space file loads at every size, fits the schema and draws valid trials."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from sim_study.config.trial import EncoderConfig, Trial
from sim_study.space.load import SHIPPED, load, shipped, shown
from sim_study.space.parse import parse
from sim_study.space.resolve import resolve
from sim_study.space.schema import schema
from sim_study.study.plan.arm_search import ArmSearch, Score

SPACES = shipped()
RECIPES = [path for path in SPACES if path.parent.name == "paper"]
ROOTS = {"artificial-speech": "artificial-speech", "librispeech": "librispeech-sample"}


def _name(path: Path) -> str:
    return shown(path)


def _sized() -> list[tuple[str, str | None]]:
    """Every shipped file as it stands and at each of its sizes."""
    return [(shown(path), size) for path in SPACES for size in (None, *load(shown(path))[0].sizes)]


def test_the_questions_are_shipped() -> None:
    names = {path.stem for path in SPACES}
    questions = {"kld", "artificial_speech", "module_count", "seeds", "kl_reduction", "librispeech"}
    experiments = {"encoder", "probes", "interpretability", "decoders"}
    recipes = {f"{c}_{e}" for c in ("artificial_speech", "librispeech") for e in experiments}
    assert questions <= names
    assert {path.stem for path in RECIPES} == recipes


@pytest.mark.parametrize(("name", "size"), _sized())
def test_a_space_loads_and_draws_a_valid_trial_for_every_arm(name: str, size: str | None) -> None:
    spec, _ = load(name, [f"size={size}"] if size else [])
    study = name.removesuffix(".yaml").replace("/", "_")
    assert spec.study == (f"{study}-{size}" if size else study)
    assert spec.question.endswith("?")
    for arm in spec.arms:
        search = ArmSearch(spec, arm, name)
        search.extend(lambda config: Score(True, ((0.5,),) * len(spec.search.objectives)))
        assert len(search.proposals) == search.budget >= 1
        for proposal in search.proposals:
            assert isinstance(proposal.config, EncoderConfig)
            assert proposal.config.method == (spec.arms[arm].method or arm)


@pytest.mark.parametrize("path", RECIPES, ids=_name)
def test_a_recipe_has_a_small_size(path: Path) -> None:
    whole, small = (load(shown(path), sizes)[0] for sizes in ([], ["size=small"]))
    assert (whole.model.channels, whole.model.context_channels) == (512, 256)
    assert small.model.channels <= 16
    assert small.train.epochs <= 10


@pytest.mark.parametrize("sizes", [[], ["size=small"]], ids=["whole", "small"])
@pytest.mark.parametrize("corpus", ["artificial_speech", "librispeech"])
def test_recipes_of_a_corpus_share_their_encoders(corpus: str, sizes: list[str]) -> None:
    """In one output folder, what the encoder's recipe has trained is not trained again."""

    def encoders(experiment: str) -> dict[str, list[str]]:
        spec, place = load(f"paper/{corpus}_{experiment}.yaml", sizes)
        return {
            arm: [
                Trial(
                    stage="encoder",
                    config=resolve(spec, arm, {}, place),
                    seed=seed,
                    corpus_fingerprint=str(spec.corpus.model_dump()),
                ).trial_id
                for seed in spec.seeds.search
            ]
            for arm in spec.arms
        }

    trained = encoders("encoder")
    known = {tuple(trial_ids) for trial_ids in trained.values()}
    assert len(known) == len(trained)
    assert encoders("probes") == encoders("interpretability") == trained
    assert {tuple(trial_ids) for trial_ids in encoders("decoders").values()} < known


@pytest.mark.parametrize("corpus", ["artificial_speech", "librispeech"])
def test_both_protocols_of_the_paper_are_one_probe_trial(corpus: str) -> None:
    probes, interpretability = (
        load(f"paper/{corpus}_{experiment}.yaml")[0].downstream
        for experiment in ("probes", "interpretability")
    )
    assert probes.probe == interpretability.probe


def test_a_dry_run_of_every_space_estimates_without_torch(
    shared_data: Path, tmp_path: Path
) -> None:
    """One process rehearses all of them; nothing may be written."""
    commands = []
    for name, size in _sized():
        root = ROOTS.get(load(name)[0].corpus.name)
        wishes = [f"size={size}"] if size else []
        wishes += [f"corpus.root={shared_data / root}"] if root else []
        commands.append([name, *wishes])
    code = """
import json, sys
from click.testing import CliRunner
from sim_study.sweep import main
for name, *wishes in json.loads(sys.argv[1]):
    words = ["--space", name, "--dry-run", "--output", sys.argv[2]]
    done = CliRunner().invoke(main, words + [w for wish in wishes for w in ("--set", wish)])
    print(name, wishes, done.exit_code, done.output)
    assert done.exit_code == 0 and "at once on this machine: about" in " ".join(done.output.split())
assert "torch" not in sys.modules
"""
    output = tmp_path / "none"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands), str(output)],
        capture_output=True,
        text=True,
        cwd=SHIPPED.parent,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert not output.exists()


@pytest.mark.parametrize("path", SPACES, ids=_name)
def test_a_space_names_the_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    up = "../" * (len(path.relative_to(SHIPPED).parts) - 1)
    assert text.startswith(f"# yaml-language-server: $schema={up}space.schema.json\n")
    jsonschema.validate(parse(text, path.name), schema())


def test_the_schema_on_disk_is_current() -> None:
    stored = json.loads((SHIPPED / "space.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(schema())), "run `make schema`"


def test_the_schema_refuses_a_misspelt_key() -> None:
    data = parse((SHIPPED / "kld.yaml").read_text(encoding="utf-8"), "kld.yaml")
    data["train"]["epoch"] = 3
    with pytest.raises(jsonschema.ValidationError, match="epoch"):
        jsonschema.validate(data, schema())


def test_the_schema_wants_a_whole_study_or_an_include() -> None:
    jsonschema.validate({"include": "kld.yaml"}, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"study": "kld"}, schema())
