"""report.md: tables that stay tables, and names that are nothing but names."""

import re

import pytest

from kd_core.pages.markdown import code, markdown, plain
from kd_core.spec.gate import Gate
from tests.support.reports import HOSTILE, hostile_report, in_int8, whole_report

CELL = re.compile(r"(?<!\\)\|")


def headings(text):
    return [line[3:] for line in text.splitlines() if line.startswith("## ")]


def tables(text):
    """Each as its rows, each row as its cells."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    return [
        [[cell.strip() for cell in CELL.split(line)[1:-1]] for line in block.splitlines()]
        for block in blocks
    ]


def test_the_verdict_comes_first():
    text = markdown(whole_report(gates=[Gate(metric="top1", op=">=", value=0.999)]))

    assert text.startswith("# `shelves`: failed\n\nThe student answers ")
    assert "1 of 1 gate failed." in text


def test_all_sections_are_there():
    assert headings(markdown(whole_report())) == [
        "Verdict",
        "Models",
        "What the teacher brought",
        "On the test split",
        "Classes that lost most",
        "Answers that changed",
        "The teacher",
        "How it was measured",
    ]


def test_one_table_has_every_model():
    report = whole_report()
    table = tables(markdown(report))[0]

    assert table[0] == [
        *("", "top-1", "drop", "agreement", "size MB", "ratio"),
        *("p50 ms", "p95 ms", "images/s", "parameters"),
    ]
    assert ["teacher", "student", "baseline", "safetensors", "onnx", "onnx_uint8"] == [
        row[0].strip("`") for row in table[2:]
    ]
    drop = 100 * (report.teacher.top1 - report.student.top1)
    assert table[3][1:3] == [f"{report.student.top1:.2%}", f"{drop:+.2f}"]
    assert table[3][4:6] == ["1.50", "0.0375"]


def test_unlabelled_data_has_no_column_of_accuracy():
    text = markdown(whole_report(labelled=False))

    assert tables(text)[0][0][1:3] == ["agreement", "size MB"]
    assert "correctly" not in text


def test_what_could_not_be_shipped_is_named_with_its_reason():
    assert "- `torch_export2`: `no operator for shelves`" in markdown(whole_report())


def test_hostile_names_break_no_table_and_no_line():
    text = markdown(hostile_report())

    for table in tables(text):
        assert len({len(row) for row in table}) == 1
    assert not {"\u202e", "\x1b", "\r"} & set(text)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"<script|<img|@everyone|!\[|\]\(", outside)


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_a_code_span_ends_where_it_should(name):
    span = code(name)
    fence = re.match("`+", span).group()

    assert span.endswith(fence)
    assert fence not in re.findall("`+", span[len(fence) : -len(fence)])


def test_words_of_our_own_are_escaped_where_they_are_not_ours():
    assert plain("a|b `c` <d> [e](f) *g*") == r"a\|b \`c\` \<d\> \[e\](f) \*g\*"


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (0.0125, "loses 1.25 points of top-1 and"),
        (-0.002, "gains 0.20 points of top-1 and"),
        (0.0, "loses nothing of top-1 and"),
        (None, "of the float32 graph and"),
    ],
)
def test_what_int8_costs_is_said_in_a_sentence(lost, said):
    report = in_int8(whole_report())
    file = report.artifacts[-1]
    beside = file.against_onnx.model_copy(update={"top1_lost": lost})
    changed = file.model_copy(update={"against_onnx": beside})
    text = markdown(report.model_copy(update={"artifacts": (*report.artifacts[:-1], changed)}))

    assert "In int8" in headings(text)
    assert said in text


def test_every_recipe_stays_a_row_of_the_table():
    [recipes] = (one for one in tables(markdown(in_int8(whole_report()))) if one[0][0] == "recipe")

    assert [5] * 5 == [len(row) for row in recipes]
