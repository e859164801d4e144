"""What a validation says that a job will take, and what that is known from."""

import pytest

from stillhouse.domain.events import MetricPoint
from stillhouse.store.artifacts import MODEL
from tests.support.api import OTHER
from tests.support.service import document

SIZE = 3 * 32 * 32
RECIPE = {"preset": "default", "epochs": 10}


@pytest.fixture
def estimates(service):
    def asked(**changes):
        told = service.post("/v1/jobs/validate", document(**changes)).json()
        assert told["valid"], told["errors"]
        return told["estimates"]

    return asked


@pytest.fixture
def done(service):
    """A job that has succeeded; its seconds."""

    def run(peak_mb=1500.0, **changes):
        world = service.world
        token = world.running(recipe=RECIPE, **changes)
        if peak_mb is not None:
            point = MetricPoint("train/peak_mb", 9, peak_mb, epoch=1)
            with world.work() as uow:
                uow.attempts.report(token, 1, points=[point])
        world.shipped(service.services.blobs, token, MODEL, b"weights")
        with world.work() as uow:
            uow.attempts.succeed(token, "not_evaluated")
        (attempt,) = service.get(f"/v1/jobs/{token.job_id}").json()["attempts"]
        return attempt

    return run


def test_before_any_job_was_over_nothing_is_known_and_that_is_said(estimates):
    told = estimates()

    assert {"seconds": None, "memory_bytes": None, "disk_bytes": None} == {
        name: one["value"] for name, one in told.items()
    }
    assert all("has succeeded here yet" in one["basis"] for one in told.values())


def test_what_jobs_like_it_took_is_what_it_will_take(estimates, done):
    done(peak_mb=1500.0)
    done(peak_mb=1600.0)
    once = estimates(recipe=RECIPE)
    longer = estimates(recipe={**RECIPE, "epochs": 40, "seeds": [0, 1]}, baseline=True)

    assert once["memory_bytes"]["value"] == 1.6e9
    assert once["disk_bytes"]["value"] == len(b"weights")
    assert once["seconds"]["basis"].startswith("2 jobs like it: ")
    assert longer["seconds"]["value"] == pytest.approx(16 * once["seconds"]["value"])
    assert longer["seconds"]["basis"].endswith("and there are 160")


@pytest.mark.parametrize(
    "changes",
    [
        {"student": {"architecture": "resnet18"}},
        {"teacher": {"architecture": "resnet34", "recipe": {"preset": "quick"}}},
        {"data": {"dataset": "digits", "image_size": 16}},
        {"recipe": {**RECIPE, "batch_size": 32}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_jobs_that_are_unlike_it_tell_nothing(estimates, done, changes):
    done()

    assert estimates(**{"recipe": RECIPE, **changes})["seconds"]["value"] is None


def test_one_that_did_not_tell_its_memory_still_tells_its_time(estimates, done):
    done(peak_mb=None)
    told = estimates(recipe=RECIPE)

    assert told["memory_bytes"] == {
        "value": None,
        "basis": "a job like it: nothing was told of memory",
    }
    assert told["seconds"]["value"] is not None
    assert told["seconds"]["basis"].startswith("a job like it: ")


def test_jobs_of_another_tenant_tell_nothing(service, done):
    done()
    asked = service.post("/v1/jobs/validate", document(recipe=RECIPE), key=service.new_key(OTHER))

    assert asked.json()["estimates"]["seconds"]["value"] is None


def test_images_that_were_counted_and_uploads_are_on_the_disk(service, estimates):
    dataset = service.ready_dataset(classes=10, samples=500)
    told = estimates(data={"dataset": dataset, "image_size": 32})["disk_bytes"]

    assert told["value"] > 500 * SIZE
    assert "of 500 images at 32x32; what it will make is not in it" in told["basis"]


def test_what_is_refused_has_no_estimates(service):
    told = service.post("/v1/jobs/validate", document(recipe={"epochs": 0})).json()

    assert (told["valid"], told["estimates"]) == (False, None)
