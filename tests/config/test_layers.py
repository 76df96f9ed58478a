"""A preset, the user's file over it, the options over both; and what `finalrank config` prints."""

from __future__ import annotations

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import finalrank as package
from conftest import Done, Finalrank, Tree
from finalrank.config.effective import effective
from finalrank.config.load import Layer, load_settings, settings_of
from finalrank.config.settings import Settings
from finalrank.errors import ConfigError

PRESETS = ["huggingface", "lightning", "lm-eval", "mlflow", "nnunet-v1", "nnunet-v2", "published"]
FILE = Path("finalrank.toml")
# Two folds of an nnU-Net.
FOLDS = {
    f"T__P__C/fold_{fold}/validation/summary.json": {
        "foreground_mean": {"Dice": dice, "IoU": dice / 2}
    }
    for fold, dice in enumerate([0.5, 0.75])
}


def one_line(done: Done) -> str:
    assert (done.status, done.bytes) == (2, b"")
    (line,) = done.err.splitlines()
    return line


def in_force(preset: str | None = None) -> Settings:
    return load_settings(["runs"], preset=preset)


def text_of(name: str) -> str:
    return (Path(package.__file__).parent / "config" / "presets" / f"{name}.toml").read_text(
        "utf-8"
    )


# A file over a preset


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_alone_is_what_its_file_says(name: str) -> None:
    own = Settings.model_validate(tomllib.loads(text_of(name)) | {"preset": name})
    assert in_force(name) == own
    FILE.write_text(f'preset = "{name}"')
    assert in_force() == own
    FILE.write_text(text_of(name))
    assert in_force() == own.model_copy(update={"preset": ""})


def test_tables_are_laid_over_one_another_key_by_key() -> None:
    FILE.write_text("""
preset = "nnunet-v2"
[scan]
exclude = ["*crossval*"]
max_bytes = 1000
[baseline]
match = "nnunet"
""")
    plain, found = in_force("nnunet-v2"), in_force()
    assert found.scan == plain.scan.model_copy(
        update={"exclude": ("*crossval*",), "max_bytes": 1000}
    )
    assert found.baseline == plain.baseline.model_copy(update={"match": "nnunet"})
    assert (found.metrics, found.recommendation) == (plain.metrics, plain.recommendation)


def test_lists_are_replaced_as_a_whole() -> None:
    FILE.write_text("""
preset = "huggingface"
[scan]
patterns = ["eval.json"]
[select]
fallback = []
[[metrics]]
key = "wer"
primary = true
higher_is_better = false
""")
    found = in_force()
    assert found.scan.patterns == ("eval.json",)
    assert found.select.fallback == ()
    assert [metric.key for metric in found.metrics] == ["wer"]
    assert in_force("huggingface") == found


def test_rules_and_notes_are_added_one_by_one() -> None:
    layers = [
        Layer(
            "one", tomllib.loads('[filter.rules.old]\ntokens = ["old"]\n[runs.a]\nprotocol = "p"')
        ),
        Layer(
            "two",
            tomllib.loads(
                '[filter.rules.old]\nwhere = "file"\n[filter.rules.dev]\ntokens = []\n'
                '[runs.a]\nkey_feature = "k"\n[runs.b]\nprotocol = "q"'
            ),
        ),
    ]
    found = settings_of(layers)
    rules = {name: (rule.tokens, rule.where) for name, rule in found.filter.rules.items()}
    assert rules["old"] == (("old",), "file")
    assert rules["dev"] == ((), "path")
    assert rules["smoke"] == (("smoke",), "path")
    assert (found.note("a").key_feature, found.note("a").protocol) == ("k", "p")
    assert found.note("b").protocol == "q"


def test_a_list_may_take_the_place_of_a_table_and_is_still_checked(finalrank: Finalrank) -> None:
    FILE.write_text('preset = "mlflow"\nscan = ["metrics"]')
    assert "finalrank.toml: scan: " in one_line(finalrank("config"))


# The option over the file


def test_the_option_is_over_the_preset_of_the_file(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(FOLDS)
    FILE.write_text('preset = "huggingface"\ntop = 1')
    done = finalrank("report", root, "--preset", "nnunet-v2", "-f", "json")
    assert [run["run"] for run in done.json["runs"]] == ["T__P__C"]
    found = in_force("nnunet-v2")
    assert (found.preset, found.top, found.select.fallback) == ("nnunet-v2", 1, ())
    # What the file says itself stays over any preset.
    FILE.write_text('[recommendation]\ntitle = "Mine"')
    page = finalrank("report", root, "--preset", "nnunet-v2").out
    assert "\nMine:\n" in page


def test_every_command_takes_a_preset(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(FOLDS)
    rows = finalrank("explain", root, "--preset", "nnunet-v2", "-f", "json").json
    assert [row["metrics"]["dice"] for row in rows] == [0.5, 0.75]
    assert package.load_report(root, preset="nnunet-v2").runs[0].metrics["dice"] == 0.625
    # What is given as settings is whole.
    with pytest.raises(package.FinalrankError, match="preset"):
        package.load_report(root, in_force("nnunet-v2"), preset="mlflow")


def test_a_named_file_is_over_a_preset_too(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(FOLDS)
    FILE.write_text("title = 'not this'")
    Path("the.toml").write_text('preset = "nnunet-v2"\ntitle = "Named"')
    assert finalrank("report", root, "--config", "the.toml").out.startswith("# Named\n")
    Path("the.toml").write_text('title = "Named"')
    done = finalrank("report", root, "--config", "the.toml", "--preset", "nnunet-v2")
    assert done.out.startswith("# Named\n")


def test_a_table_of_a_project_file_may_name_a_preset(finalrank: Finalrank, tree: Tree) -> None:
    root = tree(FOLDS)
    Path("pyproject.toml").write_text('[tool.finalrank]\npreset = "nnunet-v2"')
    assert finalrank("report", root, "-f", "json").json["runs"][0]["metrics"]["dice"] == 0.625


def test_an_empty_preset_is_none() -> None:
    FILE.write_text('preset = ""')
    assert in_force() == Settings()
    FILE.write_text('preset = "nnunet-v2"\ntop = 1')
    assert in_force("") == Settings(top=1)


# What is wrong with it


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nnunet", '; did you mean "nnunet-v2" or "nnunet-v1"?'),
        ("nnUNet-v2", '; did you mean "nnunet-v2"'),
        ("hugging-face", '; did you mean "huggingface"?'),
        ("lm_eval", '; did you mean "lm-eval"?'),
        ("zzz", "; there are detectron2, huggingface, keras, lightning, lm-eval, mlflow"),
        ("../presets/mlflow", "there is no preset"),
        ("mlflow.toml", "there is no preset"),
        ("a\x1b[31m", r'there is no preset "a\x1b[31m"'),
    ],
)
@pytest.mark.parametrize("command", ["report", "explain", "config"])
def test_an_unknown_preset_names_near_misses(
    command: str, name: str, words: str, finalrank: Finalrank
) -> None:
    line = one_line(finalrank(command, "--preset", name))
    assert line.startswith("finalrank: --preset: there is no preset ")
    assert words in line
    FILE.write_text(f"preset = {json.dumps(name)}")
    line = one_line(finalrank(command))
    assert "finalrank.toml: there is no preset " in line
    assert words in line
    assert "--preset" not in line


@pytest.mark.parametrize("value", ["3", "true", "['nnunet-v2']", "{name = 'nnunet-v2'}"])
def test_a_preset_that_is_no_text(value: str, finalrank: Finalrank) -> None:
    FILE.write_text(f"preset = {value}")
    assert one_line(finalrank("config")).endswith("finalrank.toml: preset: write a text in quotes")


@pytest.mark.parametrize("options", [(), ("--preset", "nnunet-v2")])
def test_what_is_wrong_in_a_file_is_told_of_the_file(
    options: tuple[str, ...], finalrank: Finalrank
) -> None:
    for text in ("[rank]\ntie = 'min'", "preset = 'mlflow'\n[rank]\ntie = 'min'"):
        FILE.write_text(text)
        line = one_line(finalrank("config", *options))
        assert 'finalrank.toml: rank.tie: unknown key; did you mean "ties"?' in line


# What is in force, and where it came from


def values(text: str) -> dict[str, tuple[Any, str]]:
    """Each plain value that is printed, and the comment behind it, by its dotted place."""
    found, table = {}, ""
    for line in text.splitlines():
        if match := re.fullmatch(r"\[+(.+?)\]+", line):
            table = f"{match[1]}."
        elif line:
            (name, value), comment = line.split(" = ", 1), line.rpartition(" # ")[2]
            found[table + name] = (value.rpartition(" # ")[0], comment)
    return found


def loaded(text: str) -> Settings:
    """The settings that the text makes as a user's own file."""
    Path("printed.toml").write_text(text, encoding="utf-8")
    return load_settings([], "printed.toml")


def test_without_a_configuration_all_is_default(finalrank: Finalrank) -> None:
    done = finalrank("config")
    assert (done.status, done.err) == (0, "")
    found = values(done.out)
    assert {comment for _, comment in found.values()} == {"default", 'preset "published"'}
    assert found["rank.ties"] == ('"ordinal"', 'preset "published"')
    assert found["filter.rules.smoke.tokens"] == ('["smoke"]', "default")
    assert loaded(done.out) == Settings()
    assert values(done.out)["scan.run"] == ('"parent"', "default")
    assert done.out.startswith(
        'preset = "published" # default\ntitle = "Clean Final Results" # default\n'
    )


def test_each_value_names_the_last_that_gave_it(finalrank: Finalrank) -> None:
    FILE.write_text("""
title = "Mine"
[scan]
exclude = []
[filter.rules.dev]
tokens = ["toy"]
[runs."a/*"]
protocol = "p"
""")
    found = values(finalrank("config", "--preset", "nnunet-v2").out)
    path, preset = str(FILE.absolute()), 'preset "nnunet-v2"'
    assert found["title"] == ('"Mine"', path)
    assert found["preset"] == ('"nnunet-v2"', "--preset")
    assert found["scan.patterns"] == ('["summary.json"]', preset)
    assert found["scan.exclude"] == ("[]", path)
    assert found["scan.include"] == ("[]", "default")
    assert found["filter.rules.dev.tokens"] == ('["toy"]', path)
    assert found["filter.rules.dev.where"] == ('"path"', "default")
    assert found["filter.rules.smoke.tokens"] == ('["smoke"]', "default")
    assert found["baseline.match"] == ('""', "default")
    assert found["baseline.run"] == ('""', "default")
    assert found['runs."a/*".protocol'] == ('"p"', path)
    assert 'runs."a/*".key_feature' not in found


def test_a_metric_is_whole_from_one_place(finalrank: Finalrank) -> None:
    text = finalrank("config", "--preset", "nnunet-v2").out
    preset = 'preset "nnunet-v2"'
    assert f'\n[[metrics]]\nkey = "dice" # {preset}\n' in text
    assert f'\nkeys = ["foreground_mean.Dice"] # {preset}\n' in text
    assert '\nshort = "Dice" # default\n' in text
    FILE.write_text('[[metrics]]\nkey = "f"\nprimary = true\nrange = [0, inf]')
    text = finalrank("config", "--preset", "nnunet-v2").out
    assert text.count("[[metrics]]") == 1
    assert f"\nrange = [0.0, inf] # {FILE.absolute()}\n" in text
    assert '\nlabel = "f" # default\n' in text


def test_the_preset_of_a_file_is_the_files(finalrank: Finalrank) -> None:
    FILE.write_text('preset = "mlflow"')
    found = values(finalrank("config").out)
    assert found["preset"] == ('"mlflow"', str(FILE.absolute()))
    assert found["scan.reader"] == ('"mlflow"', 'preset "mlflow"')


def test_a_file_beside_runs_is_found_and_named_as_it_was(finalrank: Finalrank, tree: Tree) -> None:
    tree({"finalrank.toml": "top = 7"})
    assert values(finalrank("config", "runs").out)["top"] == ("7", "runs/finalrank.toml")
    assert values(finalrank("config").out)["top"] == ("7", "runs/finalrank.toml")
    Path("the.toml").write_text("top = 8")
    done = finalrank("config", "runs", "--config", "the.toml")
    assert values(done.out)["top"] == ("8", "the.toml")


def test_a_path_can_be_no_more_than_a_comment(finalrank: Finalrank) -> None:
    path = Path("a\nb\u202e # c.toml")
    path.write_text("top = 7")
    text = finalrank("config", "--config", path).out
    assert r"top = 7 # a\nb\u202e # c.toml" in text
    assert loaded(text).top == 7


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_printed_of_a_preset_means_the_same(name: str, finalrank: Finalrank) -> None:
    # There is no runs folder, nor need there be one.
    done = finalrank("config", "--preset", name)
    assert (done.status, done.err) == (0, "")
    assert loaded(done.out) == in_force(name)
    assert all(comment for _, comment in values(done.out).values())
    # Without its first line it needs no preset.
    first, _, rest = done.out.partition("\n")
    assert first == f'preset = "{name}" # --preset'
    assert loaded(rest) == in_force(name).model_copy(update={"preset": ""})


@pytest.mark.parametrize("name", PRESETS)
def test_as_does_a_file_over_it(name: str, finalrank: Finalrank) -> None:
    FILE.write_text(f"""
preset = "{name}"
title = 'a "quoted" \\ title'
[scan]
max_bytes = 7
[filter.rules."my rule"]
tokens = ["x"]
[runs."a.b/*"]
key_feature = "ü | *k*"
[runs.plain]
[[metrics]]
key = "f.é"
keys = ['''results."it's".x''']
primary = true
range = [-inf, inf]
scale = 0.01
""")
    assert loaded(finalrank("config").out) == in_force()


def test_it_goes_to_standard_output_alone(finalrank: Finalrank) -> None:
    finalrank("config", "--preset", "mlflow")
    assert not any(Path().iterdir())
    assert "usage" in finalrank("config", "-h").out.lower()


# Any configuration

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    [
        '"',
        "'",
        "'''",
        '"""',
        "\\",
        "#",
        "a # b",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x1b",
        "\x7f",
        "\u202e",
    ]
)
FLOATS = st.floats(allow_nan=False) | st.sampled_from([0, 1, 5e-324, 1e-6, 1e300, math.inf])
RULES = st.dictionaries(
    TEXTS.map(lambda text: f"r{text}"),
    st.fixed_dictionaries(
        {"tokens": st.lists(st.sampled_from(["a", "B", "x1"]), max_size=2)},
        optional={"where": st.sampled_from(["path", "file"])},
    ),
    max_size=2,
)
NOTES = st.dictionaries(
    TEXTS,
    st.fixed_dictionaries({}, optional={"key_feature": TEXTS, "protocol": TEXTS}),
    max_size=3,
)
RANGES = st.tuples(FLOATS, FLOATS).filter(lambda bounds: bounds[0] < bounds[1]).map(list)
METRICS = st.lists(
    st.fixed_dictionaries(
        {"key": TEXTS.map(lambda text: f"k {text}").filter(str.isprintable)},
        optional={
            "label": TEXTS,
            "task": TEXTS,
            "keys": st.lists(TEXTS.map(lambda text: f"k {text}"), max_size=2),
            "higher_is_better": st.booleans(),
            "range": RANGES,
            "scale": st.sampled_from([0.01, 1, 100]),
            "digits": st.integers(0, 15),
        },
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda row: row["key"],
).map(lambda rows: [rows[0] | {"primary": True}, *rows[1:]])
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "preset": st.sampled_from(["", *PRESETS]),
        "title": TEXTS,
        "top": st.integers(1, 99),
        "scan": st.fixed_dictionaries(
            {}, optional={"include": st.lists(TEXTS, max_size=2), "missing": st.just(["N/A"])}
        ),
        "filter": st.fixed_dictionaries(
            {}, optional={"rules": RULES, "zero": st.floats(0, 1) | st.just(0)}
        ),
        "select": st.fixed_dictionaries({}, optional={"last": st.lists(TEXTS, max_size=2)}),
        "baseline": st.fixed_dictionaries({}, optional={"run": TEXTS, "label": TEXTS}),
        "metrics": METRICS,
        "runs": NOTES,
    },
)


@given(TABLES)
@settings(deadline=None, max_examples=80)
def test_what_is_printed_of_any_configuration_means_the_same(table: dict[str, Any]) -> None:
    layer = Layer("of mine", table)
    name = table.get("preset")
    layers = [Layer("a preset", tomllib.loads(text_of(name))), layer] if name else [layer]
    try:
        found = settings_of(layers)
    except ConfigError:  # a key that is meant as an expression, and is none
        assume(False)
    text = effective(found, layers)
    assert Settings.model_validate(tomllib.loads(text)) == found
    # As its own only layer it is printed the same, but for the origins.
    again = effective(found, [Layer("printed", tomllib.loads(text))])
    assert tomllib.loads(again) == tomllib.loads(text)
