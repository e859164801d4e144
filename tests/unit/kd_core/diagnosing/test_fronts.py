"""Fronts: who is on them, and who is held against whom."""

from hypothesis import given
from hypothesis import strategies as st

from kd_core.diagnosing.fronts import fronts
from kd_core.report import ArtifactReport, Measures, Report
from tests.support.reports import cost

POINTS = st.lists(
    st.tuples(st.sampled_from([0.5, 0.6, 0.7, 0.8]), st.sampled_from([1.0, 2.0, 3.0, 4.0])),
    min_size=1,
    max_size=6,
)


def report(points, device="cpu", runtime="onnxruntime 1", **changes):
    student = Measures(top1=0.9, **cost(2.0, 2.0))
    files = tuple(
        ArtifactReport(
            name=f"file{place}",
            format="onnx",
            status="ready",
            top1=top1,
            **cost(size, size, runtime),
        )
        for place, (top1, size) in enumerate(points)
    )
    given = {"teacher": None, "student": student, "artifacts": files, "device": device}
    return Report(name="r", fingerprint="f", **(given | changes))


@given(points=POINTS)
def test_on_the_front_is_whom_nobody_beats(points):
    everything = [(0.9, 2.0), *points]
    front = fronts(report(points))[0]
    expected = []
    for worth, size in everything:
        beaten = False
        for other, less in everything:
            if other >= worth and less <= size and (other, less) != (worth, size):
                beaten = True
        expected.append((worth, size, not beaten))

    assert expected == [(one.worth, one.cost, one.on_front) for one in front.points]


def test_times_of_a_gpu_are_not_held_against_those_of_the_cpu():
    found = fronts(report([(0.8, 1.0), (0.7, 2.0)], device="cuda", teacher=report([]).student))

    assert [("size_mb", None), ("latency_ms_p50", "cuda"), ("latency_ms_p50", "cpu")] == [
        (front.cost, front.device) for front in found
    ]
    assert [["teacher", "student"], ["file0", "file1"]] == [
        [one.name for one in front.points] for front in found[1:]
    ]


def test_one_model_makes_no_front():
    assert fronts(report([])) == ()


def test_a_file_without_numbers_is_on_none():
    failed = ArtifactReport(name="onnx", format="onnx", status="failed", reason="no")

    assert fronts(report([], artifacts=(failed,))) == ()


def test_the_weights_are_the_student():
    found = report([(0.8, 1.0)])
    weights = found.artifacts[0].model_copy(update={"format": "safetensors"})

    assert fronts(found.model_copy(update={"artifacts": (weights,)})) == ()


def test_without_labels_agreement_is_the_worth():
    student = Measures(agreement_teacher=0.9, **cost(2.0, 2.0))
    file = ArtifactReport(
        name="onnx", format="onnx", status="ready", agreement_teacher=0.8, **cost(1.0, 1.0)
    )
    found = fronts(report([], student=student, artifacts=(file,)))

    assert {"agreement_teacher"} == {front.worth for front in found}
    assert [0.9, 0.8] == [one.worth for one in found[0].points]
