"""What a service holds before it is fuzzed: for every operation something it can work on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient

from api import example_ids
from api.artifacts.examples import REPORT as MEASURED
from api.main import create_app
from stillhouse.runtime.settings import Settings
from stillhouse.store.artifacts import CONFIG, MODEL, REPORT
from tests.support.api import Service

FACTS = {"architecture": "resnet50", "classes": 12}
CARD = {"architecture": "resnet18", "num_classes": 12, "label_names": [*map(str, range(12))]}
SEVERAL = 4


def sown(settings: Settings, key: str) -> dict[str, Any]:
    app = create_app(settings)
    with TestClient(app) as client:
        return Seeds(Service(app, client, key)).sow()


class Seeds:
    def __init__(self, service: Service) -> None:
        self.service = service

    def sow(self) -> dict[str, Any]:
        """`operations`: the path of the one example of each; `values`: ids to draw from; `ids`:
        what stands for the ids of the document's own examples.
        """
        model = self.service.ready_model(**FACTS)  # while theirs are the only checks
        dataset = self.service.ready_dataset(classes=12)
        self.done = [self._succeeded() for _ in range(SEVERAL)]  # while no other job waits
        return {
            "operations": {
                **self._jobs(),
                **self._made(),
                **self._library(),
                **self._keys(),
            },
            "values": {
                **self._values(),
                "body.data.dataset": ["digits", dataset],
                "body.teacher.checkpoint": [model],
                "body.student.architecture": ["resnet18", "mobilenetv3_small_100"],
            },
            "ids": {
                example_ids.UPLOAD: self._upload("dataset"),
                example_ids.MODEL_UPLOAD: self._upload("model"),
                example_ids.MODEL: model,
                f"{example_ids.DATASET}@1": dataset,
                example_ids.SIGN_IN_CODE: self._sign_in_code(),
            },
        }

    def _jobs(self) -> dict[str, dict[str, Any]]:
        """Each verb has a job that it can be done to."""
        queued = {"job_id": self.service.world.submit().id}
        done = {"job_id": self.done[0]}
        looked_at = ("events", "metrics", "logs", "verdict", "artifacts")
        return {
            **{f"GET /v1/jobs/{{job_id}}/{view}": done for view in looked_at},
            "GET /v1/jobs/{job_id}/bundle": done,
            "GET /v1/jobs/{job_id}/report": done,
            "GET /v1/jobs/{job_id}": queued,
            "PATCH /v1/jobs/{job_id}": queued,
            "DELETE /v1/jobs/{job_id}": {"job_id": self._job("cancel")},
            "POST /v1/jobs/{job_id}/cancel": {"job_id": self._job()},
            "POST /v1/jobs/{job_id}/pause": {"job_id": self._job()},
            "POST /v1/jobs/{job_id}/resume": {"job_id": self._job("pause")},
            "POST /v1/jobs/{job_id}/retry": {"job_id": self._job("cancel")},
            "POST /v1/jobs/{job_id}/clone": queued,
            "POST /v1/jobs/{job_id}/restore": {"job_id": self._deleted()},
        }

    def _made(self) -> dict[str, dict[str, Any]]:
        artifact = {"artifact_id": self._artifact(self.done[0])}
        link = self.service.post(f"/v1/artifacts/{artifact['artifact_id']}/link").json()["url"]
        return {
            "GET /v1/artifacts/{artifact_id}": artifact,
            "GET /v1/artifacts/{artifact_id}/content": artifact,
            "POST /v1/artifacts/{artifact_id}/link": artifact,
            "GET /v1/links/{token}": {"token": link.rpartition("/")[2]},
        }

    def _library(self) -> dict[str, dict[str, Any]]:
        model, dataset = {"model_id": self._model()}, {"dataset_id": self._dataset()}
        sent = {"upload_id": self._announced(b"sent")}
        self.service.put(f"/v1/uploads/{sent['upload_id']}/parts/1", b"sent")
        announced = {"upload_id": self._announced(b"announced")}
        return {
            "GET /v1/uploads/{upload_id}": announced,
            "DELETE /v1/uploads/{upload_id}": {"upload_id": self._announced(b"deleted")},
            "PUT /v1/uploads/{upload_id}/parts/{number}": {**announced, "number": 1},
            "POST /v1/uploads/{upload_id}/complete": sent,
            "GET /v1/models/{model_id}": model,
            "DELETE /v1/models/{model_id}": {"model_id": self._model()},
            "GET /v1/datasets/{dataset_id}": dataset,
            "DELETE /v1/datasets/{dataset_id}": {"dataset_id": self._dataset()},
            "POST /v1/datasets/{dataset_id}/versions": dataset,
        }

    def _keys(self) -> dict[str, dict[str, Any]]:
        return {
            "GET /v1/keys/{key_id}": {"key_id": self._key()},
            "POST /v1/keys/{key_id}/rotate": {"key_id": self._key()},
            "DELETE /v1/keys/{key_id}": {"key_id": self._key()},
        }

    def _values(self) -> dict[str, list[str]]:
        """By the place where they are drawn: the names of schemathesis."""
        jobs = [
            self._job(*verbs) for verbs in ((), ("cancel",), ("pause",)) for _ in range(SEVERAL)
        ]
        uploads = [self._announced(b"%d" % number) for number in range(SEVERAL)]
        whole = [self._upload(kind) for kind in ("model", "dataset")]
        return {
            "path.job_id": [*jobs, *self.done, self._deleted()],
            "path.upload_id": [*uploads, *whole],
            "path.model_id": [self._model() for _ in range(SEVERAL)],
            "path.dataset_id": [self._dataset() for _ in range(SEVERAL)],
            "path.key_id": [self._key() for _ in range(SEVERAL)],
            "path.artifact_id": [self._artifact(job) for job in self.done],
            "body.upload": whole,
        }

    def _job(self, *verbs: str) -> str:
        job = self.service.world.submit().id
        for verb in verbs:
            assert self.service.post(f"/v1/jobs/{job}/{verb}").status_code == 202
        return job

    def _deleted(self) -> str:
        job = self._job("cancel")
        assert self.service.delete(f"/v1/jobs/{job}").status_code == 204
        return job

    def _succeeded(self) -> str:
        documents = {CONFIG: CARD, REPORT: MEASURED}
        written = {name: json.dumps(document).encode() for name, document in documents.items()}
        return self.service.succeeded({MODEL: b"weights", **written})

    def _artifact(self, job: str) -> str:
        made = self.service.get(f"/v1/jobs/{job}/artifacts").json()["data"]
        return str(made[0]["id"])

    def _key(self) -> str:
        return str(self.service.post("/v1/keys", {"name": "made to be fuzzed"}).json()["id"])

    def _sign_in_code(self) -> str:
        """Good for as long as the looking takes."""
        with self.service.work() as uow:
            who = uow.keys.authenticate(self.service.key)
            return uow.sign_ins.new_code(who.realm, who.key_id, timedelta(hours=1))[0]

    def _announced(self, content: bytes) -> str:
        return str(self.service.announce(content, "dataset").json()["id"])

    def _upload(self, kind: str) -> str:
        return self.service.uploaded(kind.encode(), kind)

    def _model(self) -> str:
        return self.service.new_model()

    def _dataset(self) -> str:
        return self.service.new_dataset()
