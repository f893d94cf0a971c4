import re
from html import escape
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from sim_study.config.views import ViewName, ViewsConfig
from sim_study.errors import UserError
from sim_study.ledger.feature_file import MEANS, SAMPLED
from sim_study.metrics.catalogue import describe
from sim_study.views import draw_histograms, draw_kept, draw_weights
from sim_study.views.scene import Scene
from sim_study.views.show import view_of, write_views

LAYERS = ("module_0", "context")


def show(folder, trial, **config):
    return write_views(folder, trial, ViewsConfig(**config), 1, "sim, seed 1", "Of a test.")


def test_every_view_has_its_file_and_every_such_file_is_a_view():
    room = Path(draw_kept.__file__).parent
    files = {path.stem.removeprefix("draw_") for path in room.glob("draw_*.py")}
    assert files == set(get_args(ViewName))
    headings = [view_of(name).heading for name in get_args(ViewName)]
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize("name", get_args(ViewName))
def test_a_view_draws_into_its_own_folder_and_says_how_it_is_read(tmp_path, kept_trial, name):
    for key, value in show(tmp_path, kept_trial, draw=[name]).items():
        assert describe(key).contains(value), key
    written = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*.*")}
    assert written == {name, "index.html"}
    drawn = list(view_of(name).draw(Scene(kept_trial, ViewsConfig(), 1, tmp_path)))
    assert [path.stem for path in sorted(tmp_path.rglob("*.png"))] == sorted(
        one.name for one in drawn
    )
    assert all(one.title and one.caption for one in drawn)
    assert f'<section id="{name}">' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_every_view_is_written_shown_and_explained(tmp_path, kept_trial):
    metrics = show(tmp_path, kept_trial)
    pictures = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png")}
    assert pictures == {
        "weights/vowel_module_0.png",
        "weights/vowel_context.png",
        "weights/vowel_carriers.png",
        "kept/vowel.png",
        "decision/vowel.png",
        "scatter/vowel.png",
        "histograms/module_0.png",
        "histograms/context.png",
        "tsne/context.png",
    }
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == page.count("<figcaption>") == len(pictures)
    for caption in (draw_weights.WEIGHTS, draw_histograms.CAPTION, draw_kept.CAPTION):
        assert page.count(escape(caption)) == 1  # of two alike, the first is explained
    assert not re.search(r'src="(?!data:)', page)  # needs nothing beside itself
    assert {key: metrics[key] for key in metrics if "random" not in key} == {
        f"dimensions_for_90/vowel/{layer}": 1.0 for layer in LAYERS
    }
    for key, value in metrics.items():
        assert describe(key).contains(value)


def test_tables_name_the_dimension_that_carries_the_label(tmp_path, kept_trial):
    show(tmp_path, kept_trial, draw=["weights", "kept", "histograms"])
    lines = (tmp_path / "weights/vowel_module_0_carriers.csv").read_text().splitlines()
    assert lines[0] == "label,rank,dimension,weight,share"
    assert [line.split(",")[:3] for line in (lines[1], lines[9])] == [
        ["a", "1", "3"],
        ["i", "1", "3"],
    ]
    assert lines[1].split(",")[4] == "1"
    weights = np.load(tmp_path / "weights/vowel_module_0.npy")  # (dim, label)
    assert weights[3].tolist() == [-1.0, 1.0]
    curve = (tmp_path / "kept/vowel.csv").read_text().splitlines()
    assert curve[1].startswith("module_0,1,1,")
    assert len(curve) == 1 + 2 * 8
    moments = (tmp_path / "histograms/moments.csv").read_text().splitlines()
    assert len(moments) == 1 + 2 * 2 * 8  # layers, codes, dimensions


def test_a_code_without_samples_has_one_histogram(tmp_path, make_arrays, make_trial):
    features, weights = make_arrays()
    for key in [key for key in features if key.startswith(f"frames/{SAMPLED}")]:
        features[key] = features[key.replace(SAMPLED, MEANS)]
    show(tmp_path, make_trial(features, weights), draw=["histograms"])
    moments = (tmp_path / "histograms/moments.csv").read_text()
    assert "latents" in moments
    assert "sampled" not in moments


def test_only_what_is_wanted_is_drawn(tmp_path, kept_trial):
    assert show(tmp_path, kept_trial, draw=["tsne"]) == {}
    assert [path.name for path in tmp_path.rglob("*.png")] == ["context.png"]


def test_a_constant_context_has_no_map(tmp_path, make_arrays, make_trial):
    features, weights = make_arrays()
    features[f"{MEANS}/test/context"][:] = 1.5
    assert show(tmp_path, make_trial(features, weights), draw=["tsne"]) == {}
    assert not list(tmp_path.rglob("*.png"))


def test_a_target_nobody_probed_is_named(tmp_path, kept_trial):
    with pytest.raises(UserError, match=r"targets = 'phone': the probe trial did not read it; it"):
        show(tmp_path, kept_trial, targets=["phone", "vowel"])


def test_the_same_seed_shows_the_same(tmp_path, kept_trial):
    first, again = tmp_path / "first", tmp_path / "again"
    drawn = {"draw": ["kept", "tsne"]}
    assert show(first, kept_trial, **drawn) == show(again, kept_trial, **drawn)
    for path in first.rglob("*.png"):
        assert path.read_bytes() == (again / path.relative_to(first)).read_bytes()
