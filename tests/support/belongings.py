"""One of everything that somebody can have, made by way of the API where it has a way."""

from __future__ import annotations

import json
from typing import Any

from api.artifacts.examples import REPORT as MEASURED
from stillhouse.domain.events import LogLine, MetricPoint
from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from stillhouse.store.artifacts import CONFIG, MODEL, REPORT
from tests.support.api import Service, new_key

CARD = {
    "architecture": "resnet18",
    "num_classes": 10,
    "label_names": [*map(str, range(10))],
    "pretrained_cfg": {"input_size": [3, 24, 24], "mean": [0.5] * 3, "std": [0.25] * 3},
}


def asking(service: Service, realm: Realm) -> Service:
    """The same service, asked with a key of this realm that may do everything."""
    return Service(service.app, service.client, new_key(service.services.sessions, realm, Scope))


class Belongings:
    """`ids`: by the name of the parameter that takes it, wherever one does."""

    def __init__(self, service: Service, realm: Realm) -> None:
        self.service, self.realm = asking(service, realm), realm
        self.model = self.service.ready_model()
        self.data = self.service.ready_dataset()
        self.of_model = self.service.uploaded(b"other weights")
        self.of_data = self.service.uploaded(b"other images", "dataset")
        self.job = self._finished()
        (self.artifact, *_) = self._artifacts()
        self.ids = {
            "job_id": self.job,
            "artifact_id": self.artifact,
            "upload_id": self._open_upload(),
            "model_id": self.model,
            "dataset_id": self.data.split("@")[0],
            "key_id": self.service.post("/v1/keys", {"name": "spare"}).json()["id"],
        }
        self.all = {*self.ids.values(), self.of_model, self.of_data, self._own_key()}

    def _finished(self) -> str:
        """With a line of each of its books, and the files of its student."""
        of = {"tenant": self.realm.tenant_id, "project": self.realm.project}
        token = self.service.world.running(**of)
        with self.service.work() as uow:
            line = LogLine("a line")
            point = MetricPoint("val/top1", 1, 0.5)
            uow.attempts.report(token, 1, points=[point], lines=[line])
        documents = {CONFIG: CARD, REPORT: MEASURED}
        files = {name: json.dumps(document).encode() for name, document in documents.items()}
        for name, content in {MODEL: b"weights", **files}.items():
            self.service.world.shipped(self.service.services.blobs, token, name, content)
        with self.service.work() as uow:
            return uow.attempts.succeed(token, "not_evaluated").id

    def _artifacts(self) -> list[str]:
        made = self.service.get(f"/v1/jobs/{self.job}/artifacts").json()["data"]
        return [artifact["id"] for artifact in made]

    def _open_upload(self) -> str:
        upload = self.service.announce(b"half of it").json()["id"]
        assert self.service.put(f"/v1/uploads/{upload}/parts/1", b"half of it").status_code == 200
        return str(upload)

    def _own_key(self) -> Any:
        return self.service.get("/v1/me").json()["key"]["id"]
