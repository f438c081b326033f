"""Settings: keys, values, kinds and places of each format; secrets; and every way a file can be damaged."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.extract.masking import masked_text
from mldebt.extract.settings import LONGEST_FILE, MOST_SETTINGS, read_settings
from mldebt.extract.unreadable import is_template
from mldebt.facts import FileFacts, pack, unpack

Row = tuple[str, str | None, str]
FORMATS = ["a.yaml", "a.toml", "a.json", "a.ini", ".env", "a.tf"]


def rows(name: str, text: str) -> list[Row]:
    facts = read_settings(name, text)
    assert {trouble.code for trouble in facts.troubles} <= {"repeated-key"}
    return [("/".join(setting.key), setting.value, setting.kind) for setting in facts.settings]


def places(name: str, text: str) -> list[tuple[str, str]]:
    return [("/".join(each.key), text[each.start : each.end]) for each in read_settings(name, text).settings]


def code_of(name: str, text: str) -> str:
    (trouble,) = read_settings(name, text).troubles
    assert trouble.text and 0 <= trouble.start <= len(text)
    return trouble.code


class TestYaml:
    def test_kinds(self) -> None:
        text = "a: 1\nb: 1e-3\nc: no\nd: ~\ne:\nf: '5'\ng: !!str 5\n"
        text += "h: 12:30:45\ni: 2020-01-01\nj: !env X\nk: 0.5\n"
        assert rows("a.yaml", text) == [
            ("a", "1", "number"),
            ("b", "1e-3", "number"),
            ("c", "no", "bool"),
            ("d", None, "null"),
            ("e", None, "null"),
            ("f", "5", "text"),
            ("g", "5", "text"),
            ("h", "12:30:45", "text"),
            ("i", "2020-01-01", "text"),
            ("j", "X", "text"),
            ("k", "0.5", "number"),
        ]

    def test_containers_and_positions_in_lists(self) -> None:
        assert rows("conf/a.YML", "m:\n  l: [x, {k: 1}]\n") == [
            ("m", None, "map"),
            ("m/l", None, "list"),
            ("m/l/0", "x", "text"),
            ("m/l/1", None, "map"),
            ("m/l/1/k", "1", "number"),
        ]

    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_places_count_characters(self, mark: str) -> None:
        text = mark + "größe: ü😀\r\n😀: [é, |\n]\n"[:-4] + "]\r\nlast: x\n"
        assert places("a.yaml", text) == [("größe", "größe"), ("😀", "😀"), ("😀/0", "é"), ("last", "last")]

    def test_documents_follow_each_other_and_repeated_keys_stay(self) -> None:
        assert rows("a.yaml", "a: 1\na: 2\n---\na: 3\n") == [("a", str(n), "number") for n in (1, 2, 3)]

    def test_aliases_have_the_place_where_they_stand(self) -> None:
        text = "base: &b {x: 1}\nuse: *b\nlist: [*b]\n"
        assert [key for key, _, _ in rows("a.yaml", text)] == [
            "base", "base/x", "use", "use/x", "list", "list/0", "list/0/x",
        ]  # fmt: skip
        assert ("list/0", "*b") in places("a.yaml", text)

    def test_merges_add_what_is_not_there(self) -> None:
        text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*b, *a], x: 3}\nd: {<<: 5}\n"
        assert [(key, value) for key, value, _ in rows("a.yaml", text) if key[0] in "cd"] == [
            ("c", None), ("c/x", "3"), ("c/y", "2"), ("c/z", "2"), ("d", None), ("d/<<", "5"),
        ]  # fmt: skip

    def test_a_nested_merge_comes_before_the_next(self) -> None:
        text = "a: &a {x: 1}\nb: &b {<<: *a}\nc: &c {x: 2}\nd: {<<: [*b, *c]}\n"
        assert ("d/x", "1", "number") in rows("a.yaml", text)

    def test_keys_that_are_no_text(self) -> None:
        keys = [key for key, _, _ in rows("a.yaml", "? [a, b]\n: 1\n3: 2\n~: 3\n&k x: 4\n*k : 5\n")]
        assert keys == ["[a, b]", "3", "~", "x", "x"]

    def test_a_value_that_contains_itself_ends(self) -> None:
        assert [key for key, _, _ in rows("a.yaml", "a: &a\n  b: *a\n")] == ["a", "a/b"]

    def test_unknown_tags_construct_nothing(self) -> None:
        text = "a: !!python/object/apply:os.system ['exit 1']\n"
        assert rows("a.yaml", text) == [("a", None, "list"), ("a/0", "exit 1", "text")]

    @pytest.mark.parametrize(
        "text",
        [
            "a: *x\n",
            "a: [1\n",
            "a:\n\t- b: 1\n",
            "a: \x00",
            "a: \x1b[0m",
            "a: 'x",
        ],
    )
    def test_no_yaml(self, text: str) -> None:
        assert code_of("a.yaml", text) == "syntax"
        assert read_settings("a.yaml", "good: 1\n---\n" + text).settings == ()

    @pytest.mark.parametrize("text", ["a: {{ x }}-y\n", "{% if x %}\na: 1\n{% endif %}\n"])
    def test_settings_that_are_filled_in_first(self, text: str) -> None:
        assert code_of("a.yaml", text) == "template"
        assert read_settings("a.yaml", "good: 1\n---\n" + text).settings == ()

    @pytest.mark.parametrize("text", ["", "# only\n", "just text", "---\n...\n"])
    def test_nothing_to_tell(self, text: str) -> None:
        assert rows("a.yaml", text) == []

    @pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? ", "[1,"])
    def test_deep_nesting(self, piece: str) -> None:
        assert code_of("a.yaml", piece * 50_000) == "too-deep"

    def test_an_alias_bomb_and_a_merge_bomb_are_cut(self) -> None:
        bomb = "a0: &a0 [1, 2]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
        )
        merge = "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}}}\n" for n in range(1, 9_000))
        started = time.perf_counter()
        for text in (bomb, merge):
            facts = read_settings("a.yaml", text)
            assert [each.code for each in facts.troubles] == ["too-large"]
            assert 0 < len(facts.settings) <= MOST_SETTINGS
        assert time.perf_counter() - started < 20

    def test_too_many_settings_keep_the_first(self) -> None:
        facts = read_settings("a.yaml", "".join(f"k{n}: 1\n" for n in range(MOST_SETTINGS + 1)))
        assert (len(facts.settings), facts.troubles[0].code) == (MOST_SETTINGS, "too-large")

    def test_long_paths_repeated_by_children_are_bounded(self) -> None:
        facts = read_settings("a.yaml", "k" * 1000 + ":\n" + "  - 1\n" * 15_000)
        assert facts.troubles[0].code == "too-large"
        assert len(pack(facts)) < 6 * LONGEST_FILE


class TestToml:
    TEXT = """\
title = "x" # a = 1
'quoted key'."b.c" = 1e-3
[tool.train]
epochs = 10
lists = [
  1, # [
  { name = "a", deep = { x = true } },
  "]",
]
when = 2020-01-01 07:32:00
text = \"\"\"
fake = 1
[not.a.table]
\"\"\"
[[run]]
name = 'first'
[run.more]
z = 0x10
[[run]]
name = 'second'
"""

    def test_values(self) -> None:
        assert rows("pyproject.toml", self.TEXT) == [
            ("title", "x", "text"),
            ("quoted key", None, "map"),
            ("quoted key/b.c", "1e-3", "number"),
            ("tool", None, "map"),
            ("tool/train", None, "map"),
            ("tool/train/epochs", "10", "number"),
            ("tool/train/lists", None, "list"),
            ("tool/train/lists/0", "1", "number"),
            ("tool/train/lists/1", None, "map"),
            ("tool/train/lists/1/name", "a", "text"),
            ("tool/train/lists/1/deep", None, "map"),
            ("tool/train/lists/1/deep/x", "true", "bool"),
            ("tool/train/lists/2", "]", "text"),
            ("tool/train/when", "2020-01-01 07:32:00", "text"),
            ("tool/train/text", "fake = 1\n[not.a.table]\n", "text"),
            ("run", None, "list"),
            ("run/0", None, "map"),
            ("run/0/name", "first", "text"),
            ("run/0/more", None, "map"),
            ("run/0/more/z", "16", "number"),
            ("run/1", None, "map"),
            ("run/1/name", "second", "text"),
        ]

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_places(self, end: str) -> None:
        text = "\ufeff" + self.TEXT.replace("\n", end)
        facts = read_settings("a.toml", text)
        for setting in facts.settings:
            expected = setting.value if setting.key[-1].isdigit() else setting.key[-1]
            if expected is not None:
                assert text[setting.start : setting.end].strip("'\"") == expected
        lines = {"/".join(each.key): text[: each.start].count(end) + 1 for each in facts.settings}
        assert (lines["run/0/name"], lines["run/1/name"], lines["run/1"]) == (16, 20, 19)
        assert (lines["tool/train/lists/1/deep/x"], lines["tool/train/lists/2"]) == (7, 8)

    @pytest.mark.parametrize("text", ["a = ", "a = 1\na = 2\n", "[a", "a = [1", "= 1", 'a = "x', "a = 1 b"])
    def test_no_toml(self, text: str) -> None:
        assert code_of("a.toml", text) == "syntax"

    def test_the_trouble_stands_on_its_line(self) -> None:
        text = "a = 1\nb = 2\nc = ?\n"
        (trouble,) = read_settings("a.toml", text).troubles
        assert text[: trouble.start].count("\n") == 2

    @pytest.mark.parametrize(
        "text",
        [
            "a = " + "[" * 5_000,
            "a = " + "{b=" * 5_000,
            ".".join("a" * 20_000) + " = 1",
            "[" + ".".join("a" * 20_000) + "]",
        ],
    )
    def test_deep_nesting(self, text: str) -> None:
        started = time.perf_counter()
        assert code_of("a.toml", text) == "too-deep"
        assert time.perf_counter() - started < 2

    def test_a_very_long_number(self) -> None:
        assert code_of("a.toml", "a = " + "9" * 5_000) == "syntax"


class TestJson:
    def test_values_and_places(self) -> None:
        text = '{"é": [1, -2.5e3, NaN, {"k\\u00e9": null}], // note\n "t": "a\\n\\ud83d\\ude00", "b": true,}'
        assert rows("a.json", text) == [
            ("é", None, "list"),
            ("é/0", "1", "number"),
            ("é/1", "-2.5e3", "number"),
            ("é/2", "NaN", "number"),
            ("é/3", None, "map"),
            ("é/3/ké", None, "null"),
            ("t", "a\n😀", "text"),
            ("b", "true", "bool"),
        ]
        found = dict(places("a.json", text))
        assert (found["é"], found["é/1"], found["é/3/ké"]) == ('"é"', "-2.5e3", '"k\\u00e9"')

    def test_repeated_keys_stay(self) -> None:
        assert [value for _, value, _ in rows("a.json", '{"a": 1, "a": 2}')] == ["1", "2"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "truncated"),
            ('{"a": 1', "truncated"),
            ('{"a": "x', "truncated"),
            ('{"a" 1}', "syntax"),
            ("{a: 1}", "syntax"),
            ("[1 2]", "syntax"),
            ("[,]", "syntax"),
            ("[1}", "syntax"),
            ("{} x", "syntax"),
            ('["\\q"]', "syntax"),
            ('{"\\q": 1}', "syntax"),
            ('{"a": {{ x }} }', "template"),
            ("[" * 100_000, "too-deep"),
            ('{"a":' * 100_000, "too-deep"),
            ("[" + "1," * 30_000 + "1]", "too-large"),
            ("/*" * 100_000, "syntax"),
        ],
    )
    def test_damage(self, text: str, code: str) -> None:
        assert code_of("a.json", text) == code

    def test_long_numbers_and_lone_surrogates_are_kept_as_text(self) -> None:
        facts = read_settings("a.json", '{"a": ' + "9" * 5_000 + ', "\\ud800": "\\udfff\udfff"}')
        assert [each.value for each in facts.settings] == ["9" * 5_000, "\ufffd\ufffd"]
        assert unpack(pack(facts)) == facts


class TestIni:
    def test_values_and_places(self) -> None:
        text = "; note\n[train job] # x\nRate = 0.1\npath: %(home)s/x\nflag\nmany =\n    a\n    # no\n"
        text += "    b = c\n[net]\n[net]\nyes=on\n"
        assert rows("setup.cfg", text) == [
            ("train job", None, "map"),
            ("train job/Rate", "0.1", "number"),
            ("train job/path", "%(home)s/x", "text"),
            ("train job/flag", None, "null"),
            ("train job/many", "a\nb = c", "text"),
            ("net", None, "map"),
            ("net", None, "map"),
            ("net/yes", "on", "bool"),
        ]
        assert all(key.endswith(place) for key, place in places("setup.cfg", text))

    def test_keys_before_any_section(self) -> None:
        assert rows("a.ini", "a = 1\r\nb =\r\n") == [("a", "1", "number"), ("b", "", "text")]

    def test_a_line_without_a_key(self) -> None:
        assert code_of("a.ini", "[a]\n= 1\n") == "syntax"


class TestEnv:
    def test_values_and_places(self) -> None:
        text = '# note\nA=1\nexport B = \'x # y\'\nC=a#b # note\nD="two\nlines \\" end" # note\n'
        text += "\nE=\nF\nG=true\n"
        assert rows("conf/.env.local", text) == [
            ("A", "1", "number"),
            ("B", "x # y", "text"),
            ("C", "a#b", "text"),
            ("D", 'two\nlines \\" end', "text"),
            ("E", "", "text"),
            ("F", None, "null"),
            ("G", "true", "bool"),
        ]
        assert all(key == place for key, place in places("prod.env", text))

    @pytest.mark.parametrize(("text", "code"), [("A=1\nnot a pair\n", "syntax"), ('A="open\n', "truncated")])
    def test_damage(self, text: str, code: str) -> None:
        assert code_of(".env", text) == code


class TestTerraform:
    def test_blocks_keys_and_uses(self) -> None:
        text = 'variable "a" {\n  default = "x"  # y\n}\nmodule "m" {\n  size = 3\n  name = "${var.a}-b"\n}\n'
        assert rows("a.tf", text) == [
            ("variable/a", None, "map"),
            ("variable/a/default", "x", "text"),
            ("module/m", None, "map"),
            ("module/m/size", "3", "number"),
            ("module/m/name", "${var.a}-b", "text"),
            ("var/a", None, "null"),
        ]

    def test_a_default_is_masked_by_the_name_of_its_variable(self) -> None:
        found = read_settings("a.tf", 'variable "db_password" {\n  default = "hunter22"\n}\n')
        assert [each.value for each in found.settings] == [None, "***"]

    def test_documents_and_comments_are_no_settings_but_use_variables(self) -> None:
        text = 'a = <<EOF\nb = "${var.c}"\nEOF\n/* d = 1\ne = 2 */\nf = 4\n'
        assert rows("a.tf", text) == [("a", None, "map"), ("f", "4", "number"), ("var/c", None, "null")]

    def test_a_name_is_used_by_the_key_it_stands_behind(self) -> None:
        text = (
            'locals {\n  tags = merge({ a = var.a }, var.tags) # var.no\n'
            '  names = [{ b = 1 }, "x-${local.c}-var.no"]\n  plain = 1\n}\n'
        )
        found = read_settings("a.tf", text).expressions
        assert [("/".join(one.key), one.uses) for one in found] == [
            ("locals/tags", ("var.tags",)),
            ("locals/tags/a", ("var.a",)),
            ("locals/names", ("local.c",)),
        ]

    @pytest.mark.parametrize("piece", ["/*", "<<EOF\n", 'variable "', "a = {", '"\\', "a ", 'a "b" ', "var.", "}"])
    def test_hostile_text_takes_time_in_proportion(self, piece: str) -> None:
        began = time.perf_counter()
        read_settings("a.tf", piece * (400_000 // len(piece)))
        assert time.perf_counter() - began < 10


class TestSecrets:
    @pytest.mark.parametrize(
        "key",
        [
            "password",
            "DB_PASSWD",
            "clientSecret",
            "hf_token",
            "api-key",
            "apiKey",
            "aws_access_key_id",
            "private_key",
            "credentials",
        ],
    )
    @pytest.mark.parametrize("name", FORMATS)
    def test_no_format_keeps_a_secret(self, key: str, name: str) -> None:
        key = key.replace("-", "_") if name == ".env" else key
        pattern = {"a.yaml": "{}: hunter22", "a.json": '{{"{}": "hunter22"}}'}
        pattern |= dict.fromkeys(("a.toml", "a.tf"), '{} = "hunter22"')
        facts = read_settings(name, pattern.get(name, "{}=hunter22").format(key))
        assert [each.value for each in facts.settings] == ["***"]

    @pytest.mark.parametrize(
        "text",
        [
            "api_keys: [hunter22]",
            "env:\n  - name: DB_PASSWORD\n    value: hunter22",
            "env: [DB_PASSWORD=hunter22]",
            "url: postgres://me:hunter22@host:5432/db",
            "command: run --token hunter22 --x 1",
            "pem: |\n  -----BEGIN RSA PRIVATE KEY-----\n  hunter22\n  -----END RSA PRIVATE KEY-----\n",
            "password: 22\nx:\n  password: ${PASSWORD:-hunter22}",
            "secret: 'hunter22 and more'",
        ],
    )
    def test_nor_do_values_that_hold_one(self, text: str) -> None:
        packed = pack(read_settings("a.yaml", text))
        assert b"***" in packed and b"hunter22" not in packed

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("tokenizer", "bert-base-uncased"),
            ("max_tokens", "512"),
            ("pad_token", "<pad>"),
            ("password", "${DB_PASSWORD}"),
            ("password", "changeme"),
            ("password", "${{ secrets.DB_PASSWORD }}"),
            ("password", "$(DB_PASSWORD)"),
            ("token", ""),
            ("url", "s3://bucket/key:1/x@y"),
            ("url", "https://host:80/a"),
            ("primary_key", "id"),
        ],
    )
    def test_what_is_no_secret_stays(self, key: str, value: str) -> None:
        assert rows(".env", f"{key}={value}")[0][1] == value

    def test_masking_takes_time_in_proportion(self) -> None:
        started = time.perf_counter()
        for piece in ("a-", "token ", "://", "password", "key='", "-----BEGIN ", 'key=" \n', "_"):
            masked_text(piece * (500_000 // len(piece)))
        assert time.perf_counter() - started < 10


class TestFiles:
    def test_lines_and_kind(self) -> None:
        facts = read_settings("a.yaml", "a: 1\r\nb: 2\rc: 3\nd: 4")
        assert (facts.kind, facts.lines) == ("settings", (0, 6, 11, 16))

    def test_a_text_that_is_too_large(self) -> None:
        assert code_of("a.yaml", "#" * (LONGEST_FILE + 1)) == "too-large"

    @pytest.mark.parametrize("name", FORMATS)
    def test_merge_conflicts(self, name: str) -> None:
        assert code_of(name, "<<<<<<< HEAD\na: 1\n=======\n>>>>>>> x\n") == "syntax"

    @pytest.mark.parametrize("name", ["a.txt", "yaml", "", "x/"])
    def test_an_unknown_name(self, name: str) -> None:
        assert code_of(name, "a: 1") == "not-followed"

    def test_a_trouble_behind_a_mark_has_its_place(self) -> None:
        (trouble,) = read_settings("a.json", "\ufeff[x]").troubles
        assert trouble.start == 2


VALID = {
    "a.yaml": "a: &a {x: 1, é: [b, 'c']}\nd:\n  <<: *a\n  e: |\n    text\n---\n? f\n: !t 0.5\n",
    "a.toml": TestToml.TEXT,
    "a.json": '{"a": [1, {"b": "c\\n"}, null], "é": -1.5}',
    "a.ini": "[a]\nb = 1\n  more\n[c]\nd: e\n",
    ".env": "A=1\nexport B='x\ny'\nC=\"z\" # n\n",
    "a.tf": 'variable "a" {\n  default = "x"\n}\nb = <<EOF\n${var.a}\nEOF\n',
}


def check(name: str, text: str) -> FileFacts:
    facts = read_settings(name, text)
    for setting in facts.settings:
        assert setting.key and 0 <= setting.start <= setting.end <= len(text)
        assert (setting.value is None) == (setting.kind in ("map", "list", "null"))
    assert all(0 <= trouble.start <= len(text) for trouble in facts.troubles)
    assert unpack(pack(facts)) == facts
    return facts


@pytest.mark.parametrize("name", FORMATS)
@settings(deadline=None)
@given(st.text(st.characters(), max_size=120))
def test_no_text_raises(name: str, text: str) -> None:
    check(name, text)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_mutation_raises(name: str, data: st.DataObject) -> None:
    text = VALID[name]
    assert check(name, text).troubles == ()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        piece = data.draw(
            st.sampled_from([*"\"'\\[]{}:=,.#\n\r\t&*<!-?|\ufeff\ud800\x00é0 ", "<<: *a", "[[", "'''"])
        )
        text = text[:start] + piece + text[end:]
    check(name, text)


@pytest.mark.parametrize(
    ("name", "text", "keys"),
    [
        ("a.yaml", "a: 1\nb: 2\na: 3\n", [("a", 3, 1)]),
        ("a.yaml", "x:\n  a: 1\n  a: 2\n", [("x.a", 3, 2)]),
        ("a.yaml", "x:\n  a: 1\nx:\n  a: 2\n", [("x", 3, 1)]),
        ("a.yaml", "a: 1\n---\na: 2\n", []),
        ("a.yaml", "base: &b {a: 1}\nx:\n  <<: *b\n  a: 2\ny: *b\n", []),
        ("a.yaml", "x:\n- a: 1\n- a: 2\n", []),
        ("a.json", '{"a": 1,\n "b": {"c": 1, "c": 2}}', [("b.c", 2, 2)]),
        (".env", "A=1\nexport B=2\nA=3\n", [("A", 3, 1)]),
        ("a.ini", "[s]\na = 1\n[t]\na = 1\n[s]\na = 2\n", [("s.a", 6, 2)]),
        ("main.tf", 'variable "a" {}\nvariable "a" {}\n', []),
    ],
)
def test_a_key_that_stands_twice_is_told(name: str, text: str, keys: list[tuple[str, int, int]]) -> None:
    facts = read_settings(name, text)
    told = [(trouble.text, text.count("\n", 0, trouble.start) + 1) for trouble in facts.troubles]
    assert told == [
        (f"the key {key!r} stands twice, first in line {first}: one of the values is lost", line)
        for key, line, first in keys
    ]
    assert facts.settings
    assert all(trouble.code == "repeated-key" and trouble.cure for trouble in facts.troubles)


def test_doubled_braces_around_anything_but_a_name_are_no_template() -> None:
    assert is_template("name: {{ chart.name | quote }}\n")
    assert not is_template('page = f"body {{ margin: 0; padding: 0 }}"\n')
