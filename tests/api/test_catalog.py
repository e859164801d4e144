"""The catalogue says what a specification may name."""

from kd_core.losses.catalog import LOSSES
from tests.support.service import document


def test_every_loss_is_there_with_its_schema(service):
    losses = {loss["kind"]: loss for loss in service.get("/v1/catalog/losses").json()}

    assert set(losses) == set(LOSSES)
    kd = losses["kd"]
    assert set(kd) == {
        "kind",
        "summary",
        "family",
        "needs",
        "paper",
        "source",
        "formula",
        "use",
        "cost",
        "mixed_labels",
        "defaults",
        "paper_sum",
        "schema",
    }
    assert kd["needs"] == ["student_logits", "teacher_logits"]
    assert kd["defaults"]["temperature"] == 4.0
    assert kd["defaults"]["direction"] == "forward"
    assert [term["kind"] for term in kd["paper_sum"]] == ["ce", "kd"]
    assert kd["schema"]["properties"]["temperature"]["minimum"] == 0.01


def test_the_sum_of_every_paper_is_a_loss_of_a_job(service):
    for loss in service.get("/v1/catalog/losses").json():
        given = document(loss=loss["paper_sum"])

        assert service.post("/v1/jobs/validate", given).json()["errors"] == []


def test_the_schema_of_a_specification_stands_alone_and_is_that_of_the_service(service):
    answer = service.get("/v1/catalog/specification")
    schema = answer.json()
    kinds = {
        shape["properties"]["kind"]["const"]
        for name, shape in schema["$defs"].items()
        if name.endswith("ParamsTerm")
    }

    assert kinds == set(LOSSES)
    told = {"If-None-Match": answer.headers["ETag"]}
    assert service.get("/v1/catalog/specification", headers=told).status_code == 304


def test_students_can_be_searched(service):
    everything = service.get("/v1/catalog/students").json()["data"]
    found = service.get("/v1/catalog/students?q=MobileNetV4").json()["data"]

    assert len(everything) > 1000
    assert "mobilenetv4_conv_small" in found
    assert all("mobilenetv4" in name for name in found)
    nothing = service.get("/v1/catalog/students?q=nothing-like-it").json()
    assert nothing == {"data": [], "facts": {}}


def test_what_students_cost_is_told_of_those_that_many_choose(service):
    found = service.get("/v1/catalog/students").json()
    resnet, small = (found["facts"][name] for name in ("resnet18", "resnet8x4"))

    assert {*found["facts"]} <= {*found["data"]}
    assert len(found["facts"]) > 55
    assert (resnet["parameters"], resnet["classes"]) == (11_689_512, 1000)
    assert 1.8e9 < resnet["macs"]["224"] < 1.83e9
    assert {*small["macs"]} == {"32"}
    assert "vit_tiny_patch16_224" in found["facts"]


def test_presets_are_there_with_their_sources(service):
    everything = service.get("/v1/catalog/presets").json()
    losses = service.get("/v1/catalog/presets?kind=loss").json()

    assert {"loss", "recipe"} == {preset["kind"] for preset in everything}
    assert losses == [preset for preset in everything if preset["kind"] == "loss"]
    assert all(preset["source"] and preset["about"] for preset in everything)
    assert service.get("/v1/catalog/presets?kind=model").status_code == 422
    for preset in losses:
        given = document(loss={"preset": preset["name"]})

        assert service.post("/v1/jobs/validate", given).json()["errors"] == []
