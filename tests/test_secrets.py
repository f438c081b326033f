"""A credential is found wherever it stands, and stands in no output, no fact and no cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mldebt.cli import run
from mldebt.credentials import load
from mldebt.extract import read
from mldebt.extract.credentials import COVER, covered, credentials
from mldebt.facts import pack
from mldebt.gather.purpose import kind_of

Capture = pytest.CaptureFixture[str]

SECRET = "ghp_Zk39dLmQxWcRtYvNpHsJfGbTuAeXo2CwDq71"
PASSWORD = "tG7#kwPz91"
URL = f"postgresql://writer:{PASSWORD}@store.north.org/runs"
CODE = f"""# token = "{SECRET}"
import requests
TOKEN = "{SECRET}"
URL = "{URL}"
NOTES = {{"a": "{SECRET}", "password": "{PASSWORD}"}}
def load(path, password="{PASSWORD}"):
    '''Asks with {SECRET}.'''
    if password == "{PASSWORD}":
        return requests.get(f"https://x.org/{{path}}?token={SECRET}").json()
    return requests.get("https://x.org/{SECRET}/a.csv")
load("{SECRET}")
"""
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": [f"Use `{SECRET}`\n"]},
    {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": ["%env PASSWORD=" + PASSWORD + "\n", f"!curl -H 'x: {SECRET}' {URL}\n", *CODE.splitlines(True)],
        "outputs": [{"output_type": "stream", "name": "stdout", "text": [f"token:\n{SECRET}\n"]}],
    },
]
FILES = {
    "load.py": CODE,
    "look.ipynb": json.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
    "config.yaml": f"store:\n  password: {PASSWORD}\n  url: {URL}\nlist: ['{SECRET}']\n",
    "config.toml": f'[store]\npassword = "{PASSWORD}"\nurl = "{URL}"\nany = "{SECRET}"\n',
    "config.json": json.dumps({"store": {"password": PASSWORD, "url": URL}, "any": [SECRET]}),
    "config.ini": f"[store]\npassword = {PASSWORD}\nurl = {URL}\nany = {SECRET}\n",
    ".env": f"STORE_PASSWORD={PASSWORD}\nSTORE_URL={URL}\nANY='{SECRET}'\n",
    "run.sh": f"export STORE_PASSWORD={PASSWORD}\ncurl {URL} -H {SECRET}\npython load.py --token {SECRET}\n",
    "Makefile": f"run:\n\tSTORE_PASSWORD={PASSWORD} python load.py {SECRET} {URL}\n",
    "Dockerfile": f"FROM python:3.11\nENV STORE_PASSWORD {PASSWORD}\nRUN pip install -i {URL} torch {SECRET}\n",
    "compose.yaml": f"services:\n  a:\n    environment:\n      - STORE_PASSWORD={PASSWORD}\n      - X={SECRET}\n",
    ".github/workflows/ci.yml": f"jobs:\n  a:\n    steps:\n      - run: load --password {PASSWORD} {SECRET}\n",
    "broken.yaml": f"a: [\npassword: {PASSWORD}\n{SECRET}: }}\n",
    "broken.py": f"x = (\npassword = '{PASSWORD}'\n'{SECRET}\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_no_fact_holds_a_secret(name: str) -> None:
    data = FILES[name].encode()
    facts = read(kind_of(name, len(data)), data, name.rpartition("/")[2])
    packed = pack(facts)
    assert SECRET.encode() not in packed and PASSWORD.encode() not in packed
    assert facts.credentials


def test_every_place_of_a_secret_is_told(repository: Path, capfd: Capture) -> None:
    told = scan(repository, "json", capfd)
    places = {
        (place["path"])
        for finding in json.loads(told)["findings"]
        if finding["rule"] == "secret-in-config"
        for place in (finding, *finding["related"])
    }
    assert {"load.py", "look.ipynb", "config.yaml", ".env", "Dockerfile"} <= places


@pytest.mark.parametrize("form", ["full", "json", "github", "concise"])
def test_no_output_of_a_scan_holds_a_secret(repository: Path, form: str, capfd: Capture) -> None:
    told = scan(repository, form, capfd)
    assert ".env" in told
    assert SECRET not in told and PASSWORD not in told


@pytest.mark.parametrize("asked", [["graph"], ["graph", "--output-format", "json"], ["problems"]])
def test_no_other_output_holds_a_secret(repository: Path, asked: list[str], capfd: Capture) -> None:
    command, *options = asked
    run([command, str(repository), *options, "--no-cache"])
    told = "".join(capfd.readouterr())
    assert told and SECRET not in told and PASSWORD not in told


def test_nothing_that_is_kept_beside_the_code_holds_a_secret(repository: Path) -> None:
    before = {path for path in repository.rglob("*") if path.is_file()}
    run(["scan", str(repository)])
    for path in {path for path in repository.rglob("*") if path.is_file()} - before:
        assert SECRET.encode() not in path.read_bytes() and PASSWORD.encode() not in path.read_bytes()


def test_covering_moves_nothing() -> None:
    text = covered(CODE, credentials(CODE, code=True))
    assert len(text) == len(CODE) and text.count("\n") == CODE.count("\n")
    assert SECRET not in text and PASSWORD not in text and COVER in text


@pytest.mark.parametrize(
    ("value", "name", "strength"),
    [
        ("tG7#kwPz91", "password", "strong"),
        ("9f2b64c1d07a4e83b5f1c6d29e70a845", "apikey", "strong"),
        ("north_beds_2023", "password", "plain"),
        ("postgres", "password", "weak"),
        ("admin123", "password", "weak"),
        ("P@ssw0rd", "password", "weak"),
        ("changeme", "password", ""),
        ("${PASSWORD}", "password", ""),
        ("<your password>", "password", ""),
        ("BEDS_PASSWORD", "password", ""),
        ("a sentence of words", "password", ""),
        ("ward-office", "token", ""),
        ("/run/secrets/token", "token", ""),
    ],
)
def test_a_value_is_judged_by_how_it_looks(value: str, name: str, strength: str) -> None:
    assert load().judged(value, name) == strength


@pytest.mark.parametrize(
    ("line", "strengths"),
    [
        ("  # let them pass: cluster-wide-é!-trial\n", ["weak"]),
        ("# password: tG7#kwPz91\n", ["weak"]),
        ('password = "Harbour#North!"\n', ["strong"]),
    ],
)
def test_words_in_a_comment_go_on_with_a_sentence(line: str, strengths: list[str]) -> None:
    assert [one.strength for one in credentials(line)] == strengths


def test_what_was_measured_is_no_secret() -> None:
    assert credentials('{"seconds_of_first_pass": 39.806}') == ()


@pytest.mark.parametrize("piece", ["password=", "token: '", "://a:b", "secret,", "eyJaaaaaaaaaaa.", "-----BEGIN "])
def test_a_hostile_text_is_read_in_time(piece: str) -> None:
    assert len(credentials(piece * (400_000 // len(piece)))) <= 500


def scan(repository: Path, form: str, capfd: Capture) -> str:
    options = ["--profile", "full", "--min-confidence", "hint", "--no-cache", "--output-format", form]
    run(["scan", str(repository), *options])
    return capfd.readouterr().out
