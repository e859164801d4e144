"""report.html: whole, shut to the outside, small, and deaf to what names say."""

import re
from xml.etree import ElementTree as ET

import pytest

from kd_core.pages.html.axes import decades, round_steps
from kd_core.pages.html.page import POLICY, html
from kd_core.report import Report
from kd_core.spec.gate import Gate
from tests.support.reports import hostile_report, in_int8, whole_report

EVERY_SECTION = [
    *("gates", "models", "gain", "test", "fronts"),
    *("classes", "confusions", "flips", "calibration", "teacher", "measured"),
]
MOST_BYTES = 2_000_000
LOADING = {"src", "href", "action", "data", "srcset", "poster", "background", "formaction"}


def read(report):
    """As strictly as XML is read: what is not closed or not escaped is an error."""
    return ET.fromstring(html(report))  # noqa: S314 - our own page


def sections(report):
    return [section.get("id") for section in read(report).iter("section")]


def words(tree):
    return " ".join(" ".join(tree.itertext()).split())


@pytest.fixture(scope="module")
def hostile():
    return hostile_report()


def test_every_section_is_there_in_order():
    assert sections(whole_report()) == EVERY_SECTION


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"teacher": False}, ["teacher"]),
        ({"baseline": False}, ["gain"]),
        ({"teacher": False, "baseline": False}, ["teacher", "gain", "classes", "flips"]),
        ({"labelled": False}, ["gain", "test", "classes", "confusions", "calibration"]),
        (
            {"teacher": False, "baseline": False, "files": ()},
            ["teacher", "gain", "classes", "flips", "fronts"],
        ),
    ],
    ids=str,
)
def test_what_was_not_measured_has_no_section(changes, missing):
    found = sections(whole_report(**changes))

    assert found == [name for name in EVERY_SECTION if name not in missing]


def test_unlabelled_data_has_no_word_of_accuracy():
    said = words(read(whole_report(labelled=False)).find("body"))

    assert "agreement" in said
    assert not re.search(r"top-1|correctly|recall", said)


def test_a_report_of_before_there_were_diagnoses_still_has_a_page():
    older = whole_report().model_copy(update={"diagnosis": None, "fronts": (), "device": None})

    assert sections(older) == ["gates", "models", "gain", "test", "teacher", "measured"]


@pytest.mark.parametrize("make", [whole_report, hostile_report])
def test_nothing_comes_from_outside_and_nothing_runs(make):
    tree = read(make())
    policy = tree.find("head/meta[@http-equiv]")

    assert (
        policy.get("content")
        == POLICY
        == ("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    )
    assert {"script", "link", "iframe", "object", "base", "form", "a", "use"}.isdisjoint(
        node.tag for node in tree.iter()
    )
    for node in tree.iter():
        for key, value in node.items():
            assert not key.startswith("on")
            assert key not in LOADING or value.startswith("data:image/png;base64,")
    assert not re.search(r"url\(|@import|https?:", tree.find("head/style").text)


def test_names_are_shown_and_are_no_markup(hostile):
    tree = read(hostile)
    said = words(tree)

    assert "<script>alert(1)</script>" in said
    assert "</style><img src=http://evil.example" in said
    assert [] == list(tree.iter("script"))
    assert {"data:image/png;base64"} == {
        image.get("src").split(",")[0] for image in tree.iter("img")
    }


def test_control_characters_and_turned_writing_become_visible(hostile):
    page = html(hostile)

    assert not {"\u202e", "\u202c", "\x1b", "\r"} & set(page)
    assert r"two\nlines\r\n\x1b[31m" in words(read(hostile))
    assert r"\u202eright to left\u202c" in words(read(hostile))


def test_long_names_are_cut_and_whole_in_their_title():
    report = whole_report(class_names=["y" * 200, "n"], classes=2)
    cut = [node for node in read(report).iter("bdi") if node.get("title")]

    assert {"y" * 200} == {node.get("title") for node in cut}
    assert all(len(node.text) < 60 for node in cut)


def test_the_largest_report_stays_within_its_bytes(hostile):
    assert len(html(hostile).encode()) < MOST_BYTES


@pytest.mark.parametrize("classes", [51, 1000, 21841])
def test_many_classes_make_no_larger_page(classes, hostile):
    page = html(whole_report(classes=classes, count=300, side=96, baseline=False, files=()))

    assert len(page) < len(html(hostile))


def test_twenty_four_pictures_are_shown_at_most(hostile):
    tree = read(hostile)

    assert len(list(tree.iter("img"))) == 24
    assert hostile.diagnosis.flips.differing > 24


def test_every_picture_and_every_drawing_is_whole(hostile):
    tree = read(hostile)
    pictures = [image.get("src").split(",")[1] for image in tree.iter("img")]
    cells = [path for path in tree.iter("path") if "cell" in path.get("class", "")]

    assert [flip.thumbnail for flip in hostile.diagnosis.flips.shown] == pictures
    assert max(len(path.get("d")) for path in cells) > 20_000
    assert all(path.get("d").endswith("z") for path in cells)


def test_files_that_answer_as_the_student_are_named_and_not_drawn():
    tree = read(whole_report())
    drawn = [node.text for node in tree.find(".//section[@id='confusions']").iter("h3")]
    said = words(tree.find(".//section[@id='confusions']"))

    assert drawn == ["teacher", "student", "baseline"]
    assert "onnx, onnx_uint8: the same confusions as student." in said


def test_every_model_that_answers_otherwise_is_drawn_or_named(hostile):
    confusions = read(hostile).find(".//section[@id='confusions']")
    many = hostile.diagnosis.models * 2
    renamed = tuple(
        model.model_copy(
            update={
                "name": f"file{place}",
                "confusion": model.confusion.model_copy(update={"matrix": ((place,),)}),
            }
        )
        for place, model in enumerate(many)
    )
    more = hostile.diagnosis.model_copy(update={"models": renamed})
    said = words(read(hostile.model_copy(update={"diagnosis": more})))

    assert [model.name for model in hostile.diagnosis.models] == [
        node.text for node in confusions.iter("h3")
    ]
    assert "file7: in report.json." not in said
    assert "file8: in report.json." in said


def test_a_gate_shows_what_was_measured_or_why_nothing_was():
    gates = [
        Gate(metric="top1", op=">=", value=0.1),
        Gate(metric="top1", op=">=", value=0.9, of="torch_export2"),
    ]
    tree = read(whole_report(gates=gates))
    rows = [words(row) for row in tree.find(".//section[@id='gates']").iter("tr")]

    assert rows[1].startswith("student top1 >= 0.1 0.")
    assert rows[2] == "torch_export2 top1 >= 0.9 no operator for shelves failed"
    assert words(tree.find(".//header/p")) == "failed"


def test_the_same_report_makes_the_same_page():
    report = whole_report()

    assert html(report) == html(Report.parse(report.as_json()))


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.0), (0, 1), (0.123, 0.1231), (3, 7000)])
def test_ticks_lie_within_and_are_few(low, high):
    found = round_steps(low, high)

    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in found)
    assert 2 <= len(found) <= 6


@pytest.mark.parametrize(("low", "high"), [(0.6, 70), (1.0, 1.1), (1e-6, 1e6), (2, 5)])
def test_ticks_of_a_logarithmic_axis_lie_within(low, high):
    found = decades(low, high)

    assert all(low <= tick <= high for tick in found)
    assert len(found) <= 6


def test_a_file_in_int8_shows_what_was_tried_and_what_it_lost():
    [section] = (
        one for one in read(in_int8(whole_report())).iter("section") if "int8" in one.get("id")
    )
    kept, refused, other = (words(row) for row in section.iter("tr") if row.find("td") is not None)

    assert "0.267 of the bytes of the float32 graph, loses 1.25 points of top-1" in words(section)
    assert "The first is kept: it agrees the most." in words(section)
    assert kept.startswith(
        "minmax, all operators, a scale for each channel, ends in float32 (kept)"
    )
    assert "the range of | a <tensor> is not finite" in refused
    assert "97.00%" in other
