"""Files of SQL to statements: what is read and written, which columns are made of what, and what is no SQL."""

from __future__ import annotations

import json
import time

import pytest

from mldebt.declarations import MadeColumn, Statement
from mldebt.extract import read
from mldebt.extract.sql import read_sql, read_statements
from mldebt.source import Kind


def statements(text: str, dialect: str = "") -> tuple[Statement, ...]:
    facts = read_sql(text, dialect)
    assert facts.troubles == ()
    return facts.statements


def only(text: str, dialect: str = "") -> Statement:
    (statement,) = statements(text, dialect)
    return statement


def uses(statement: Statement) -> list[tuple[str, str, str]]:
    return [(relation.use, relation.form, relation.name) for relation in statement.relations]


def made(statement: Statement, name: str, scope: str = "") -> MadeColumn:
    (found,) = [one for one in statement.columns if (one.name, one.scope) == (name, scope)]
    return found


def origins(statement: Statement, column: MadeColumn) -> set[str]:
    """Where a column comes from, through all that is made in between."""
    found: set[str] = set()
    for origin in column.origins:
        if origin.made >= 0:
            found |= origins(statement, statement.columns[origin.made])
        else:
            found.add(f"{statement.relations[origin.relation].name}.{origin.column}")
    return found


def test_common_table_expressions_and_aliases_are_no_tables() -> None:
    text = """
    with late as (select l.id, l.due - l.back as delay from lib.loans as l),
         worst as (select id, max(delay) as delay from late group by id)
    select r.name, w.delay from readers r left join worst w on w.id = r.id
    """
    statement = only(text)
    assert uses(statement) == [("read", "table", "lib.loans"), ("read", "table", "readers")]
    assert [name for name, _ in statement.gives] == ["name", "delay"]
    assert origins(statement, made(statement, "delay", "worst")) == {"lib.loans.due", "lib.loans.back"}
    assert made(statement, "delay", "worst").given and not made(statement, "delay", "late").given
    assert statement.joins == 1 and not statement.open


def test_a_star_passes_on_what_is_known_and_leaves_the_rest_open() -> None:
    known = only("with a as (select x, y + 1 as z from t) select * from a")
    assert [name for name, _ in known.gives] == ["x", "z"] and not known.open and not known.stars
    unknown = only("select *, a + b as c from t")
    assert unknown.open and len(unknown.stars) == 1
    assert origins(unknown, made(unknown, "c")) == {"t.a", "t.b"}


def test_arms_of_a_union_have_the_names_of_the_first() -> None:
    statement = only("select a as x from t union all select b from u")
    (column,) = [origins_ for name, origins_ in statement.gives if name == "x"]
    assert {(origin.made, origin.relation, origin.column) for origin in column} == {(0, -1, "x"), (-1, 1, "b")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("create table a as select x from b", {("write", "a"), ("read", "b")}),
        ("create or replace view v (p, q) as select x, y from b", {("write", "v"), ("read", "b")}),
        ("create table a (x int, y text)", {("make", "a")}),
        ("insert into a (x) select y from b", {("write", "a"), ("read", "b")}),
        ("insert into a values (1, 'x;y')", {("write", "a")}),
        ("merge into a using b on a.i = b.i when matched then update set a.x = b.x", {("write", "a"), ("read", "b")}),
        ("update a set x = b.x from b where a.i = b.i", {("write", "a"), ("read", "b")}),
        ("delete from a where x in (select y from b)", {("write", "a"), ("read", "b")}),
        ("copy a from 'in/rows.csv' csv header", {("write", "a"), ("read", "in/rows.csv")}),
        ("copy (select * from a) to 'out/a.parquet' (format parquet)", {("read", "a"), ("write", "out/a.parquet")}),
        ("select * from 'in/rows.parquet'", {("read", "in/rows.parquet")}),
        ("select x from a where exists (select 1 from b where b.i = a.i)", {("read", "a"), ("read", "b")}),
        ("create index i on a (x)", set()),
        ("grant select on a to b", set()),
    ],
)
def test_what_statements_read_and_write(text: str, expected: set[tuple[str, str]]) -> None:
    found = {(relation.use, relation.name) for one in statements(text) for relation in one.relations}
    assert found == expected


def test_files_in_table_functions() -> None:
    statement = only("select i from read_csv_auto('in/a.csv') join read_parquet(['b.parquet', 'c.parquet']) using (i)")
    assert [(one.name, one.given) for one in statement.relations] == [
        ("read_csv_auto", "in/a.csv"), ("read_parquet", "b.parquet"), ("read_parquet", "c.parquet"),
    ]  # fmt: skip


def test_a_client_s_lines_are_read_between_statements() -> None:
    text = "\\set ON_ERROR_STOP on\n\\i 'steps/one.sql'\n\\copy a FROM 'in/a.csv' csv\nselect count(*) from a \\gset\n"
    assert [(one.kind, uses(one)) for one in statements(text)] == [
        ("include", [("run", "file", "steps/one.sql")]),
        ("copy", [("read", "file", "in/a.csv"), ("write", "table", "a")]),
        ("select", [("read", "table", "a")]),
    ]


def test_places_lead_back_through_a_template() -> None:
    text = (
        "{{ config(materialized='table') }}\n\nselect a,\n  b * {{ var('rate') }} as {% if x %}c{% endif %}\n"
        "from {{ ref('rows') }} r"
    )
    statement = only(text)
    relation, column = statement.relations[0], statement.columns[0]
    assert (relation.form, relation.name, text[relation.start : relation.end]) == ("ref", "rows", "{{ ref('rows') }}")
    assert text[column.start : column.end] == "c"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("select a from {{ source('shop', 'orders') }}", "shop.orders"),
        ("select a from {schema}.orders", "{schema}.orders"),
        ("select a from orders_${env}", "orders_{env}"),
        ("select a from {{ params.table }}", "{params.table}"),
        ("select a from `proj.{dataset}.orders`", "proj.{dataset}.orders"),
        ("select a from orders where b > %s and c = %(x)s and d = :y and e = ?", "orders"),
    ],
)
def test_holes_keep_their_names(text: str, name: str) -> None:
    assert [relation.name for relation in only(text).relations] == [name]


def test_a_loop_of_a_template_stands_once_and_what_it_decides_is_its_first_arm() -> None:
    text = """
    {% set kinds = ['card', 'cash'] %}
    select id,
      {% for kind in kinds %} sum(case when kind = '{{ kind }}' then amount end) as {{ kind }}_amount
      {% if not loop.last %},{% endif %} {% endfor %}
    from {% if target.name == 'dev' %}{{ ref('sample') }}{% else %}{{ ref('payments') }}{% endif %}
    {% macro unused() %} select this is no sql {% endmacro %}
    """
    first, told = statements(text)
    assert uses(first) == [("read", "ref", "sample")]
    assert [name for name, _ in first.gives] == ["id", "{kind}_amount"]
    assert uses(told) == [("tell", "ref", "payments")]


def test_conditions_on_dates_and_parameters() -> None:
    text = "select a from t where day >= '2024-01-01' and day < :end and seen > current_date and kind = 'x'"
    assert [(one.column, one.kind) for one in only(text).bounds] == [
        ("day", "date"), ("day", "parameter"), ("seen", "now"), ("kind", "value"),
    ]  # fmt: skip


def test_what_cannot_be_read_is_told_once_and_the_rest_is_read() -> None:
    facts = read_sql("select a from t;\nselect from where;\nselect b from u;\ninsert into into x select;")
    assert [uses(one)[0][2] for one in facts.statements] == ["t", "u"]
    (trouble,) = facts.troubles
    assert (trouble.code, trouble.start) == ("statement", 17)
    assert trouble.text == "2 statements of SQL could not be read; 2 of this file could"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selct a from t;\nselect b from u;", "a statement of SQL could not be read (one begins with 'selct')"),
        ("upsert into t select a from u;\nselect b from u;", "one begins with 'upsert'"),
        ("grant select on t to public; vacuum t; call load_all(); comment on table t is 'x';", ""),
        ("{{ config(x) }} merged as select a from t", ""),
        ("some_function(a from b)", ""),
        ("notes of the week: what was done", ""),
    ],
)
def test_a_statement_that_begins_with_an_unknown_word_is_told(text: str, told: str) -> None:
    said = " ".join(trouble.text for trouble in read_sql(text).troubles)
    assert told in said
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("select a from t where b = {{ var('x' ", "{{ is not closed"),
        ("select a from t {% if x %} where b", "if is not ended"),
        ("select " + "(" * 5000 + "1" + ")" * 5000, "nested too deep"),
        ("select a from " + "x" * 200_000, "too long"),
        ("select " + "{{ x " * 50_000, "is not closed"),
        ("select 'abc", "could not be read"),
    ],
)
def test_hostile_text_costs_little_and_is_named(text: str, word: str) -> None:
    start = time.process_time()
    facts = read_sql(text)
    assert time.process_time() - start < 5
    assert any(word in trouble.text for trouble in facts.troubles)


def test_long_chains_and_many_quotes_do_no_harm() -> None:
    for text in ("select " + "1+" * 20_000 + "1 as a from t", "select '" + "''" * 100_001, "select '" + "\\'" * 50_000):
        read_sql(text)


def test_a_dump_costs_little() -> None:
    rows = ", ".join(f"({number}, 'it''s; row {number}')" for number in range(2000))
    text = f"INSERT INTO lib.loans (id, note) VALUES {rows};\n" * 20
    text += "COPY lib.readers (id, name) FROM stdin;\n1\tselect from where;\n\\.\nselect a from lib.loans;\n"
    assert len(text) > 1_000_000
    start = time.process_time()
    facts = read_sql(text)
    assert time.process_time() - start < 3
    assert facts.troubles == ()
    assert len(facts.statements) == 22 and uses(facts.statements[20])[-1] == ("write", "table", "lib.readers")


def test_cells_of_notebooks() -> None:
    cells = ["x = 1\n", "%%sql kept <<\nselect a\nfrom t", "%%sql\nselect from where", "%sql select b from u"]
    listed = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    content = json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    facts = read(Kind.NOTEBOOK, content.encode())
    assert [uses(one) for one in facts.statements] == [[("read", "table", "t")], [("read", "table", "u")]]
    assert [trouble.code for trouble in facts.troubles] == ["statement"]
    place = facts.statements[0].relations[0].start
    line = max(index for index, start in enumerate(facts.lines) if start <= place)
    assert line - facts.cells[1].first == 2 and place - facts.lines[line] == 5


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("-- select a, b\n-- from t\n-- where a = 1\nselect c from u", 1),
        ("/* insert into t select a from u; */\nselect c from u", 1),
        ("select c from u\n-- left join v on v.i = u.i\nwhere c > 1", 1),
        ("-- insert into t (a, b) values\n-- (1, 2);\nselect c from u", 0),
        ("-- Select the best rows from the table\nselect c from u", 0),
        ("-- With care (see below), from u\nselect c from u -- select a, b from t", 0),
        ("-- join the tables = merge them\nselect '-- select a, b from t' from u", 0),
    ],
)
def test_statements_that_are_commented_out(text: str, kept: int) -> None:
    assert [one.kind for one in read_sql(text).statements].count("comment") == kept


def test_dates_keep_their_places() -> None:
    text = "select date '2024-03-01' as day, 'x' from t where d < '2024-04-01 00:00:00'"
    found = [(value, text[start:end]) for value, start, end in only(text).dates]
    assert found == [("2024-03-01", "'2024-03-01'"), ("2024-04-01", "'2024-04-01 00:00:00'")]


def test_bytes_that_are_no_text() -> None:
    (trouble,) = read(Kind.SQL, b"select \xff\xfe\x00").troubles
    assert trouble.code == "encoding"


def test_the_dialect_that_is_set_is_tried_first() -> None:
    assert uses(only("select [a b] from dbo.[t x]", "tsql")) == [("read", "table", "dbo.t x")]
    assert read_statements("select `a` from `p.d.t`").troubles == []


def test_a_whole_name_in_one_pair_of_quotes() -> None:
    text = "SELECT column_name FROM `the-project.birds.INFORMATION_SCHEMA.COLUMNS` WHERE table_name = 'nests'"
    assert uses(only(text, "bigquery")) == [("read", "table", "the-project.birds.INFORMATION_SCHEMA.COLUMNS")]


def test_columns_of_one_value_are_told_with_their_units() -> None:
    (statement,) = statements("select a * 1.0 / 60 as hours, b, (a) as minutes, 2 - cast(a as double) as rest from t")
    (twins,) = statement.alike
    assert [(one.name, one.unit) for one in twins] == [
        ("hours", (0.016666667, 0.0)), ("minutes", (1.0, 0.0)), ("rest", (-1.0, 2.0)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "select x.a as first, y.a as second from t x join t y on x.k = y.l",
        "select a, a * a as squared, ln(a) as log, floor(a / 10) as bin from t",
        "select random() as first, random() as second, 1 as one, 1 as other from t",
        "select a - b as up, b - a as other from t group by all",
    ],
)
def test_columns_that_are_no_straight_line_of_one_another_are_not_alike(query: str) -> None:
    assert statements(query)[0].alike == ()


def test_a_column_that_nothing_in_the_statement_uses_is_idle() -> None:
    (statement,) = statements("with c as (select a + 1 as kept, b + 1 as idle, d as other from t) select kept from c")
    assert {(one.name, one.renames) for one in statement.columns if one.idle} == {("idle", False), ("other", True)}


@pytest.mark.parametrize(
    "rest",
    [
        "select k from c where x > 1",
        "select k from c order by x",
        "select k, row_number() over (partition by x) as n from c",
        "select k from c join u using (x)",
        "select k from c natural join u",
        "select distinct * from (select k, x from c)",
        "select k from c where exists (select 1 from u where u.id = x)",
        "select k, to_json(c) as whole from c",
        "select max(x) from c",
        "select {columns} from c",
    ],
)
def test_what_may_be_used_is_not_idle(rest: str) -> None:
    (statement,) = statements(f"with c as (select k, a + 1 as x from t) {rest}")
    assert not [one for one in statement.columns if one.idle]


def test_blocks_beside_a_query_are_no_part_of_it() -> None:
    statement = only(
        'config {\n  type: "table",\n  assertions: { uniqueKey: ["id"] }\n}\n'
        'SELECT id, SUM(amount) AS total FROM ${ref("orders")}\n'
        "WHERE day > '${dataform.projectConfig.vars.first}' AND id IN (SELECT id FROM ${self()}) GROUP BY id\n"
    )
    assert uses(statement) == [("read", "ref", "orders"), ("read", "this", "this")]
    assert [(column.name, column.form) for column in statement.columns] == [("total", "sum(@amount)")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a * 2 + b", "b + 2.0 * t.a"),
        ("CAST(a AS INT)", "a"),
        ("CASE WHEN a IS NULL THEN 0 ELSE a END", "COALESCE(a, 0)"),
        ("CASE WHEN a > 3 THEN 1 ELSE 0 END", "3 < a"),
        ("a - INTERVAL '30 days'", "a - INTERVAL 30 DAY"),
        ("a >= DATE '2024-01-01'", "a >= DATE '2025-06-01'"),
    ],
)
def test_what_computes_the_same_has_one_form(one: str, other: str) -> None:
    (first, second) = (only(f"SELECT {said} AS x FROM t").columns[0].form for said in (one, other))
    assert first == second


def test_an_aggregate_knows_over_which_rows_it_is() -> None:
    (total, plain) = only("SELECT SUM(a) AS total, b + 1 AS plain FROM t WHERE c = 'x'").columns
    assert (total.rows, plain.rows) == ("==(#'x',@c)", "")
