"""Kind and purpose of a file."""

from __future__ import annotations

import pytest

from mldebt.gather.exports import is_export, may_be_export
from mldebt.gather.purpose import JSON_LIMIT, installed, is_installed, is_script, kind_of, purpose_by_name, purpose_of
from mldebt.source import Kind, Purpose


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.py", Kind.PYTHON),
        ("gui.pyw", Kind.PYTHON),
        ("A.PY", Kind.PYTHON),
        ("stub.pyi", Kind.OTHER),
        ("a.ipynb", Kind.NOTEBOOK),
        ("conf/a.yaml", Kind.SETTINGS),
        ("a.yml", Kind.SETTINGS),
        ("pyproject.toml", Kind.SETTINGS),
        ("setup.cfg", Kind.SETTINGS),
        ("params.json", Kind.SETTINGS),
        (".env", Kind.SETTINGS),
        ("deploy/.env.production", Kind.SETTINGS),
        ("prod.env", Kind.SETTINGS),
        (".envrc", Kind.OTHER),
        ("package-lock.json", Kind.OTHER),
        ("conda-lock.yml", Kind.REQUIREMENTS),
        ("pnpm-lock.yaml", Kind.OTHER),
        ("poetry.lock", Kind.REQUIREMENTS),
        ("uv.lock", Kind.REQUIREMENTS),
        ("Pipfile", Kind.REQUIREMENTS),
        ("requirements.txt", Kind.REQUIREMENTS),
        ("requirements-dev.txt", Kind.REQUIREMENTS),
        ("requirments.txt", Kind.REQUIREMENTS),
        ("reqs.txt", Kind.REQUIREMENTS),
        ("api/dev_requirements.in", Kind.REQUIREMENTS),
        ("requirements/base.txt", Kind.REQUIREMENTS),
        ("constraints.txt", Kind.REQUIREMENTS),
        ("Dockerfile", Kind.REQUIREMENTS),
        ("docker/train.Dockerfile", Kind.REQUIREMENTS),
        ("Dockerfile.dockerignore", Kind.OTHER),
        ("system_requirements.md", Kind.OTHER),
        ("MANIFEST.in", Kind.OTHER),
        ("environment.yml", Kind.SETTINGS),
        ("dvc.lock", Kind.SETTINGS),
        ("clock.json", Kind.SETTINGS),
        ("data.csv", Kind.OTHER),
        ("Makefile", Kind.COMMANDS),
        ("py", Kind.OTHER),
    ],
)
def test_kind(path, kind):
    assert kind_of(path, 10) is kind


def test_large_json_is_data():
    assert kind_of("a.json", JSON_LIMIT) is Kind.SETTINGS
    assert kind_of("a.json", JSON_LIMIT + 1) is Kind.OTHER
    assert kind_of("a.yaml", JSON_LIMIT + 1) is Kind.SETTINGS


@pytest.mark.parametrize(
    ("head", "script"),
    [
        (b"#!/usr/bin/env python3\n", True),
        (b"#!/usr/bin/python -u", True),
        (b"#!/usr/bin/env -S uv run python3.12\n", True),
        (b"#!/bin/sh\n# python", False),
        (b"python", False),
        (b"", False),
    ],
)
def test_script(head, script):
    assert is_script(head) is script


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("src/train.py", Purpose.PRODUCTION),
        ("latest.py", Purpose.PRODUCTION),
        ("src/contest.py", Purpose.PRODUCTION),
        ("test_set.ipynb", Purpose.PRODUCTION),
        ("tests/unit/a.py", Purpose.TEST),
        ("integration_tests/a.py", Purpose.TEST),
        ("src/e2e-tests/a.py", Purpose.TEST),
        ("ab_tests_of_prices/a.py", Purpose.PRODUCTION),
        ("tests_integration/a.py", Purpose.TEST),
        ("sklearn/linear_model/tests/a.py", Purpose.TEST),
        ("src/test_train.py", Purpose.TEST),
        ("conftest.py", Purpose.TEST),
        ("docs/conf.py", Purpose.EXAMPLE),
        ("tides/documentation/Dockerfile", Purpose.EXAMPLE),
        ("mlruns/0/artifacts/model/code/app.py", Purpose.GENERATED),
        ("warehouse/target/compiled/shop/models/orders.sql", Purpose.GENERATED),
        ("build/lib/shop/rows.py", Purpose.GENERATED),
        ("src/shop.egg-info/requires.txt", Purpose.GENERATED),
        ("build/rows.py", Purpose.PRODUCTION),
        ("warehouse/target/run/shop/models/orders.sql", Purpose.GENERATED),
        ("target/orders.sql", Purpose.PRODUCTION),
        ("templates/{{cookiecutter.name}}/train.py", Purpose.EXAMPLE),
        ("pkg/examples/a.py", Purpose.EXAMPLE),
        ("tutorials/first/a.py", Purpose.EXAMPLE),
        ("_Example/a.py", Purpose.EXAMPLE),
        ("a/b/examples/c.py", Purpose.PRODUCTION),
        ("examples.py", Purpose.PRODUCTION),
        ("third_party/x/tests/a.py", Purpose.VENDORED),
        ("src/.archived/a.py", Purpose.ASIDE),
        ("0_backups/a.py", Purpose.ASIDE),
        ("src/archive_writer/a.py", Purpose.PRODUCTION),
        ("src/backup.py", Purpose.PRODUCTION),
        (".env.backup", Purpose.ASIDE),
        ("conf/serve.yaml.bak", Purpose.ASIDE),
        (".env.backups", Purpose.PRODUCTION),
        ("conf/old.yaml", Purpose.PRODUCTION),
        ("backup_routes_20240305_101500/a.py", Purpose.ASIDE),
        ("route_backups/before_async_20240305/b/a.py", Purpose.ASIDE),
        ("src/routes_backup_2024-03-05.py", Purpose.ASIDE),
        ("src/routes.backup_05032024.py", Purpose.ASIDE),
        ("src/backup_of_tables/a.py", Purpose.PRODUCTION),
        ("src/backups_of_tables/tides_20240305.py", Purpose.PRODUCTION),
        ("versions/20240305_backup_of_tables.py", Purpose.PRODUCTION),
        ("pip/_vendor/rich/a.py", Purpose.VENDORED),
        ("proto/model_pb2.py", Purpose.GENERATED),
    ],
)
def test_purpose_by_place(path, purpose):
    assert purpose_of(path, Kind.PYTHON, b"x = 1\n") is purpose


def test_a_module_called_tests_is_one_if_it_tests_something():
    assert purpose_of("shop/tests.py", Kind.PYTHON, b"class TestCart(TestCase):\n    pass\n") is Purpose.TEST
    assert purpose_of("shop/tests.py", Kind.PYTHON, b"def ks_of(scores):\n    return 0\n") is Purpose.PRODUCTION


@pytest.mark.parametrize(
    ("head", "generated"),
    [
        (b"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n", True),
        (b"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# This file is auto-generated by x\n", True),
        (b"# Generated by Django 4.2 on 2024-01-01\n", True),
        (b"# @generated\n", True),
        (b"# Code generated by sqlc. DO NOT EDIT.\n", True),
        (b"# Reads the scores generated by train.py\n", False),
        (b'"""Generated by hand."""\n', False),
        (b"#\n#\n#\n#\n#\n# do not edit\n", False),
        (b"x = 'do not edit'\n", False),
    ],
)
def test_generated(head, generated):
    expected = Purpose.GENERATED if generated else Purpose.PRODUCTION
    assert purpose_of("src/a.py", Kind.PYTHON, head) is expected


@pytest.mark.parametrize(
    ("head", "compiled"),
    [
        (b"# PIPELINE DEFINITION\n# Name: wards\n# Inputs:\n#    rounds: int\ncomponents:\n", True),
        (b"kind: Workflow\nmetadata:\n  annotations: {pipelines.example.org/maker_sdk_version: 1.8}\n", True),
        (b"# Pipeline definition\nsteps:\n  fit: train.py\n", False),
        (b"sdk_version: 1.8\n", False),
    ],
)
def test_a_pipeline_that_was_made_of_code(head, compiled):
    expected = Purpose.GENERATED if compiled else Purpose.PRODUCTION
    assert purpose_of("wards.yaml", Kind.SETTINGS, head) is expected
    assert purpose_of("wards.py", Kind.PYTHON, head) is Purpose.PRODUCTION


def test_a_script_with_the_cells_of_a_notebook_is_its_export() -> None:
    notebook = rb'{"source": ["rents = load(\"rents.csv\")\n", "fit(rents)\n"]}'
    script = b'# In[1]:\n\n\nrents = load("rents.csv")\nfit(rents)\n'
    assert may_be_export(script) and is_export(script, notebook)
    assert not may_be_export(b"# In short: rents\nfit(rents)\n")
    assert not is_export(script + b"serve(rents)\n", notebook)


@pytest.mark.parametrize(
    ("data", "purpose"),
    [
        (b"from train import fit\n\n\ndef test_fit():\n    assert fit()\n", Purpose.TEST),
        (b"import unittest\n", Purpose.TEST),
        (b"import joblib\n\nmodel = joblib.load('m')\nmodel.predict(rows)\n", Purpose.PRODUCTION),
    ],
)
def test_what_ends_in_test_may_be_about_the_rows_that_are_called_so(data: bytes, purpose: Purpose) -> None:
    assert purpose_of("src/predict_test.py", Kind.PYTHON, data) is purpose
    assert purpose_by_name("src/predict_test.py") is Purpose.TEST


def test_packages_beside_their_metadata_are_installed() -> None:
    packages = installed(["fn/Shapes-1.2.dist-info/RECORD", "fn/one_file-3.dist-info/METADATA", "fn/handler.py"])
    assert is_installed("fn/shapes/core/fields.py", packages)
    assert is_installed("fn/one_file.py", packages)
    assert not is_installed("fn/handler.py", packages)
    assert not is_installed("shapes/core.py", packages)
