"""Names that look the same and differ in their Unicode normal form: hints tell them apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Finalrank, Tree

# `é` as one character, and as `e` and an accent.
NFC, NFD = "\u00e9", "e\u0301"
FILE = "test_metrics.json"


def config(name: str) -> str:
    return f"[[metrics]]\nkey = {json.dumps(name, ensure_ascii=False)}\nprimary = true\n"


@pytest.mark.parametrize(("wanted", "there"), [(NFC, NFD), (NFD, NFC)])
@pytest.mark.parametrize("option", ["--baseline", "--run"])
def test_a_run_that_looks_the_same(
    wanted: str, there: str, option: str, finalrank: Finalrank, tree: Tree
) -> None:
    tree({f"{there}/{FILE}": {"dice_pos": 0.5}, f"xyz/{FILE}": {"dice_pos": 0.6}})
    forms = {NFC: "NFC", NFD: "NFD"}
    command = "report" if option == "--baseline" else "explain"
    done = finalrank(command, option, wanted)
    assert done.status == 2
    hint = f'did you mean "{there}" (in Unicode form {forms[there]}, not {forms[wanted]})?'
    assert hint in done.err


def test_two_runs_that_look_the_same(finalrank: Finalrank, tree: Tree) -> None:
    tree({f"unet_{form}/{FILE}": {"dice_pos": 0.5} for form in (NFC, NFD)})
    err = finalrank("explain", "--run", "unet_e").err
    assert f'"unet_{NFC}" (in Unicode form NFC, not NFD)' in err
    assert f'"unet_{NFD}" (in Unicode form NFD, not NFC)' in err


def test_other_names_have_no_form(finalrank: Finalrank, tree: Tree) -> None:
    tree({f"unet_{form}/{FILE}": {"dice_pos": 0.5} for form in (NFC, "a")})
    done = finalrank("explain", "--run", "unet_b")
    assert "Unicode" not in done.err
    assert f'"unet_{NFC}"' in done.err


@pytest.mark.parametrize("key", ["{}", "test.{}"])
def test_a_key_of_the_configuration(key: str, finalrank: Finalrank, tree: Tree) -> None:
    wanted, there = (key.format(f'"{form}"' if "." in key else form) for form in (NFC, NFD))
    document: Any = {"test": {NFD: 0.5}} if "." in key else {NFD: 0.5}
    done = finalrank("report", tree({f"a/{FILE}": document, "finalrank.toml": config(wanted)}))
    assert done.status == 1
    assert "in Unicode form NFD" in done.err
    assert there.strip('"').rpartition(".")[2].strip('"') in done.err


def test_a_metric_that_is_chosen(finalrank: Finalrank, tree: Tree) -> None:
    done = finalrank("init", tree({"a.json": {NFD: 0.5}}), "--metric", NFC)
    assert f'did you mean "{NFD}" (in Unicode form NFD, not NFC)?' in done.err
