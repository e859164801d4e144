"""`still up` and the verbs that talk to it, as somebody types them on one machine."""

import hashlib
import json
import os
import signal
import socket
import stat
import tarfile
from subprocess import PIPE, Popen

import httpx2
import pytest
import yaml
from PIL import Image

from kd_core.files import sha256_of
from kd_core.report import Report
from stillhouse.client import StillhouseClient
from stillhouse.client.uploads import Begun, OpenUploads
from stillhouse.domain.uploads import DEFAULT_PART_BYTES, UploadKind
from tests.support.built_dashboard import built_dashboard
from tests.support.local_service import (
    BIN,
    Home,
    Service,
    command_of,
    service,
    wait_until_gone,
)
from tests.support.small_runs import OWN_TEACHER, SIDE, small_data, small_spec, stripes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    with service(Home(tmp_path_factory.mktemp("home"))) as running:
        yield running


@pytest.fixture(scope="module")
def home(up):
    return up.home


@pytest.fixture(scope="module")
def dataset(home):
    """The reference of a data set of forty images."""
    path = small_data(home.folder / "stripes.npz", count=40)
    return home.json("data", "add", path)["versions"][0]["ref"]


@pytest.fixture(scope="module")
def model(home):
    """A checkpoint that the user brings, and its id."""
    return added_model(home, "teacher.safetensors")


def added_model(home, name):
    import timm
    from safetensors.torch import save_file

    network = timm.create_model("test_efficientnet", num_classes=2)
    save_file(network.state_dict(), home.folder / name)
    found = home.json("models", "add", home.folder / name, "--architecture", "test_efficientnet")
    return found["id"]


def written(home, name, **changes):
    path = home.folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(small_spec(name=name, **changes)))
    return path


def long_job(home, dataset, name):
    """Minutes of work, with a checkpoint all the time."""
    recipe = small_spec()["recipe"] | {"epochs": 10_000, "checkpoint_every_s": 0.5}
    return written(home, name, data={"dataset": dataset, "image_size": SIDE}, recipe=recipe)


@pytest.fixture(scope="module")
def done(home, dataset, model):
    """A job that went well: its document."""
    teacher = {"architecture": "test_efficientnet", "checkpoint": model, "force": True}
    spec = written(
        home, "done", teacher=teacher, loss="kd", data={"dataset": dataset, "image_size": SIDE}
    )
    return home.json("submit", spec, "--wait")


def test_it_says_where_it_is_and_is_ready_there(up):
    answer = httpx2.get(f"{up.facts['url']}/readyz", trust_env=False)

    assert answer.status_code == 200
    assert up.facts["url"] == f"http://127.0.0.1:{up.port}"
    assert "key" not in up.facts


def test_the_dashboard_that_it_names_is_signed_in_once(tmp_path):
    home = Home(tmp_path)
    home.environ["STILLHOUSE_DASHBOARD_DIR"] = str(built_dashboard(tmp_path / "built"))
    with service(home) as running:
        url, _, code = running.facts["dashboard"].partition("#code=")
        page = httpx2.get(url, headers={"Accept": "text/html"}, trust_env=False)
        answers = [
            httpx2.post(f"{url}v1/sign-in", json={"code": code}, trust_env=False) for _ in range(2)
        ]
        key = answers[0].json()["key"]
        jobs = httpx2.get(
            f"{url}v1/jobs", headers={"Authorization": f"Bearer {key}"}, trust_env=False
        )

    assert f"{running.facts['url']}/" == url
    assert "<base" in page.text
    assert [201, 401] == [answer.status_code for answer in answers]
    assert 200 == jobs.status_code


def test_its_key_is_kept_where_the_other_verbs_find_it_and_nobody_else(home):
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.data.stat().st_mode) == 0o700
    assert isinstance(home.json("jobs"), list)


def test_logging_in_tries_the_key_before_it_keeps_it(up, tmp_path):
    stranger = Home(tmp_path)
    key = (up.home.data / "api-key").read_text()
    wrong = stranger.still("login", "--url", up.facts["url"], said=f"{key[:-3]}00\n")
    kept = stranger.config.exists()
    right = stranger.still("login", "--url", up.facts["url"], said=key)

    assert (wrong.returncode, kept) == (6, False)
    assert "not known here" in wrong.stderr
    assert right.returncode == 0
    assert stranger.still("jobs").returncode == 0
    assert key.strip() not in right.stdout + right.stderr


def test_what_is_uploaded_is_checked_and_its_facts_are_told(home, model, dataset):
    models = {entry["id"]: entry for entry in home.json("models", "list")}
    sets = home.json("data", "list")

    assert models[model]["facts"]["classes"] == 2
    assert [v["facts"]["samples"] for d in sets for v in d["versions"] if v["ref"] == dataset] == [
        40
    ]


def test_a_model_of_its_own_image_size_is_checked_at_that_size(home):
    import timm
    from safetensors.torch import save_file

    network = timm.create_model("test_vit", num_classes=2, img_size=32)
    path = home.folder / "vit.safetensors"
    save_file(network.state_dict(), path)
    found = home.json("models", "add", path, "--architecture", "test_vit", "--image-size", 32)

    assert found["facts"]["image_size"] == 32


def test_a_folder_of_images_is_a_data_set(home):
    images, labels = stripes(8)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        folder = home.folder / "shelves" / ("across", "down")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    result = home.still("data", "add", home.folder / "shelves")

    assert result.returncode == 0, result.stderr
    assert "shelves is ready" in result.stdout
    assert "samples: 8" in result.stdout


def test_what_cannot_be_used_is_rejected_with_its_reason(home):
    (home.folder / "broken.npz").write_bytes(b"no archive")
    (home.folder / "broken.safetensors").write_bytes(b"no weights")
    data = home.still("data", "add", "broken.npz")
    model = home.still("models", "add", "broken.safetensors", "--architecture", "resnet18")

    assert (data.returncode, model.returncode) == (6, 6)
    assert "is rejected\n" in data.stderr
    assert "is rejected\n" in model.stderr
    assert len(model.stderr.splitlines()) > 1


class Listened(httpx2.HTTPTransport):
    """The network, and what was sent over it."""

    def __init__(self):
        super().__init__()
        self.sent = []

    def handle_request(self, request):
        self.sent.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        return super().handle_request(request)


def test_an_upload_that_was_interrupted_goes_on_where_it_was(up, tmp_path):
    part = DEFAULT_PART_BYTES
    file = tmp_path / "big.safetensors"
    file.write_bytes(os.urandom(part) + b"the rest")
    digest = sha256_of(file)
    key, network = (up.home.data / "api-key").read_text(), Listened()
    with StillhouseClient(up.facts["url"], key, notes=tmp_path, transport=network) as client:
        begun = client.uploads.create(UploadKind.MODEL, file.name, part + 8, digest)
        client.uploads.put_part(begun.id, 1, file.read_bytes()[:part])
        OpenUploads(tmp_path).keep(Begun(client.url, "model", digest), begun.id)
        network.sent.clear()
        progress = []
        sent = client.uploads.send(file, UploadKind.MODEL, lambda *told: progress.append(told))
        rest, network.sent = network.sent, []
        again = client.uploads.send(file, UploadKind.MODEL)

    assert (sent.id, sent.state) == (begun.id, "complete")
    assert rest == [f"GET {begun.id}", "GET me", "PUT 2", "POST complete"]
    assert progress[0] == (part, part + 8)
    assert progress[-1] == (part + 8, part + 8)
    assert network.sent == ["POST uploads"]
    assert again.state == "complete"


def test_a_new_version_keeps_the_old_one(home, dataset):
    small_data(home.folder / "more.npz", count=60)
    found = home.json("data", "add", "more.npz", "--to", dataset.split("@")[0])

    assert [version["version"] for version in found["versions"]] == [2, 1]


def test_a_job_goes_from_files_to_files(home, done, tmp_path):
    files = home.json("artifacts", "pull", done["id"], "--out", tmp_path / "out")["files"]
    report = Report.parse(json.loads((tmp_path / "out/report.json").read_text()))

    assert (done["state"], done["verdict"]) == ("succeeded", "not_evaluated")
    assert report.student.top1 is not None
    assert {file["name"] for file in files} == {
        file["name"] for file in home.json("artifacts", "list", done["id"])
    }
    assert all(os.path.getsize(file["file"]) == file["bytes"] for file in files)  # noqa: PTH202


def test_the_bundle_of_a_job_is_its_files_in_one(home, done, tmp_path):
    files = home.json("artifacts", "pull", done["id"], "--to", tmp_path / "out")["files"]
    pulled = home.json("artifacts", "pull", done["id"], "--bundle", tmp_path / "all.tar")
    with tarfile.open(tmp_path / "all.tar") as tar:
        content = {one.name: tar.extractfile(one).read() for one in tar if one.isfile()}
    root = f"done-{done['id']}"

    assert pulled["bundle"] == str(tmp_path / "all.tar")
    assert {f"{root}/{file['path']}": file["sha256"] for file in files} == {
        name: hashlib.sha256(data).hexdigest() for name, data in content.items()
    }


def test_a_link_to_a_file_needs_no_key(home, done):
    link = home.still("artifacts", "link", done["id"], "report.json")
    answer = httpx2.get(link.stdout.strip(), trust_env=False)
    several = home.still("artifacts", "link", done["id"], "safetensors")

    assert link.returncode == 0, link.stderr
    assert answer.json()["student"]["top1"] is not None
    assert link.stderr.startswith("good until ")
    assert (several.returncode, several.stdout) == (6, "")
    assert "safetensors/config.json" in several.stderr


@pytest.fixture(scope="module")
def photos(home):
    images, _ = stripes(6)
    folder = home.folder / "photos"
    folder.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number}.png")
    return sorted(folder.iterdir())


def test_a_student_is_asked_about_images_by_the_id_of_its_job(home, done, photos, tmp_path):
    home.still("artifacts", "pull", done["id"], "--to", tmp_path)
    found = home.json("predict", done["id"], *photos)
    same = home.json("predict", tmp_path, *photos)
    other = home.still("predict", done["id"], photos[0], "--artifact", "onnx")

    assert found == same
    assert [str(path) for path in photos] == [one["file"] for one in found["images"]]
    assert (6, "") == (other.returncode, other.stdout)
    assert "there are: safetensors" in other.stderr


def test_a_teacher_that_is_the_student_of_a_job_stands_beside(home, done, dataset, photos):
    teacher = {"checkpoint": f"job:{done['id']}", "force": True}
    data = {"dataset": dataset, "image_size": SIDE}
    spec = written(home, "second", teacher=teacher, loss="kd", data=data)
    second = home.json("submit", spec, "--wait")
    known = home.json("predict", done["id"], *photos)["images"]
    found = home.json("predict", second["id"], *photos, "--teacher")["images"]

    assert [one["student"][0]["index"] for one in known] == [
        one["teacher"][0]["index"] for one in found
    ]


def test_a_teacher_that_was_uploaded_stays_with_the_service(home, done, photos):
    result = home.still("predict", done["id"], photos[0], "--teacher")

    assert (6, "") == (result.returncode, result.stdout)
    assert "the service does not give models back" in result.stderr


def test_what_was_pulled_is_verified_and_says_what_was_asked_for(
    home, done, dataset, model, tmp_path
):
    home.json("artifacts", "pull", done["id"], "--out", tmp_path / "out")
    found = home.json("verify", tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    kept = {file["path"]: file["sha256"] for file in home.json("artifacts", "list", done["id"])}
    (tmp_path / "out/predictions.csv").write_text("")
    tampered = home.still("verify", tmp_path / "out")

    assert ("verified", []) == (found["verdict"], found["unlisted"])
    assert kept == {file["path"]: file["sha256"] for file in found["files"]} | {
        "manifest.json": found["manifest"]
    }
    assert (dataset, model) == (
        manifest["spec"]["sent"]["data"]["dataset"],
        manifest["spec"]["sent"]["teacher"]["checkpoint"],
    )
    assert {"data", "teacher"} == set(manifest["inputs"])
    assert str(home.folder) not in json.dumps(manifest)
    assert (7, "failed") == (tampered.returncode, tampered.stdout.splitlines()[-1])


def test_a_job_that_is_over_can_still_be_watched(home, done):
    lines = home.still("watch", done["id"])
    events = home.still("watch", done["id"], "--json").stdout.splitlines()

    assert lines.returncode == 0
    _, training, told = lines.stdout.partition("training student\n")  # warnings may come first
    assert training
    assert "\n  epoch 1  " in f"\n{told}"
    assert [json.loads(event)["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_job_is_listed_and_has_a_log(home, done):
    listed = [job["id"] for job in home.json("jobs", "--state", "succeeded")]

    assert done["id"] in listed
    assert home.still("logs", done["id"]).returncode == 0
    assert done["id"] in home.still("jobs").stdout


def test_a_model_that_no_job_needs_can_go(home):
    unused = added_model(home, "unused.safetensors")
    removed = home.still("models", "rm", unused)
    again = home.still("models", "rm", unused)

    assert removed.returncode == 0
    assert again.returncode == 6


def test_a_wrong_job_is_answered_with_every_place(home, dataset):
    spec = written(home, "wrong", loss="pdl", data={"dataset": dataset}, recipe={"epochs": "2"})
    result = home.still("submit", spec)
    said = json.loads(home.still("submit", spec, "--json").stderr)

    assert result.returncode == 6
    assert "/loss: there is no loss 'pdl'\n  did you mean pld?" in result.stderr
    assert {"/loss", "/recipe/epochs"} <= {problem["pointer"] for problem in said["problems"]}


def test_a_file_of_ours_is_no_file_of_the_service(home):
    result = home.still("submit", written(home, "file"))

    assert result.returncode == 6
    assert "/data/dataset: " in result.stderr
    assert "`still data add PATH` uploads it" in result.stderr


def test_a_job_that_fails_says_why_and_answers_three(home, dataset):
    slow = OWN_TEACHER["recipe"] | {"optimizer": {"kind": "sgd", "lr": 1e-9}}
    teacher = {"architecture": "test_efficientnet", "recipe": slow, "min_top1": 1.0}
    data = {"dataset": dataset, "image_size": SIDE}
    spec = written(home, "failing", teacher=teacher, loss="kd", data=data)
    result = home.still("submit", spec, "--wait")

    assert result.returncode == 3, result.stdout
    assert "teacher_below_floor" in result.stderr
    assert "had to reach 100.0%: its recipe did not take it further" in result.stderr


def test_waiting_ends_and_the_job_goes_on_until_it_is_cancelled(home, dataset):
    result = home.still("submit", long_job(home, dataset, "long"), "--wait", "--timeout", "3")
    job = result.stdout.split()[0]
    going = home.json("jobs", "--limit", "1")[0]
    cancelled = home.json("cancel", job, "--wait", "--timeout", "30")

    assert result.returncode == 5
    assert f"`still watch {job}`" in result.stderr
    assert going["state"] in {"queued", "starting", "running"}
    assert cancelled["state"] == "cancelled"
    assert home.still("watch", job).returncode == 4
    assert home.still("cancel", job).returncode == 0


def test_a_second_one_in_the_folder_is_refused_with_the_first(up):
    result = up.home.still("up", "--data-dir", up.home.data)

    assert result.returncode == 1
    assert f"{up.facts['url']}, process {up.process.pid}" in result.stderr


def test_a_port_in_use_is_a_sentence(tmp_path):
    home = Home(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = home.still("up", "--data-dir", home.data, "--port", taken.getsockname()[1])

    assert result.returncode == 1
    assert "is in use" in result.stderr
    assert "Traceback" not in result.stderr
    assert not home.config.exists()


@pytest.mark.parametrize("words", ["valkey-server", "api.main", "worker.reconciler", "worker.app"])
def test_a_process_that_is_killed_is_started_again_and_that_is_said(up, dataset, words):
    killed = up.child(words)
    os.kill(killed, signal.SIGKILL)
    wait_until_listening(up)
    data = {"dataset": dataset, "image_size": SIDE}
    done = up.home.json("submit", written(up.home, "after", data=data), "--wait")

    assert done["state"] == "succeeded"
    assert killed not in up.children()
    assert "was killed by SIGKILL; it is started again" in up.errors.read_text()


def wait_until_listening(up):
    """As a client does: asked again, with growing pauses, until it is there."""
    transport = httpx2.HTTPTransport(retries=10)
    with httpx2.Client(transport=transport, trust_env=False) as http:
        http.get(f"{up.facts['url']}/livez")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_however_it_ends_and_the_next_one_goes_on(tmp_path, number):
    home = Home(tmp_path)
    first = Service(home)
    dataset = home.json("data", "add", small_data(tmp_path / "a.npz", 40))["versions"][0]["ref"]
    job = home.json("submit", long_job(home, dataset, "long"))["id"]
    training(home, job)
    children = first.children()
    commands = {command_of(pid) for pid in children}
    code = first.stop(number)
    gone = wait_until_gone(children, seconds=10)
    with service(home) as second:
        training(home, job, attempt=2)
        cancelled = home.json("cancel", job, "--wait")
        key = second.facts["key_file"]

    assert any("kd_core.process" in command for command in commands)
    assert code == (-9 if number == signal.SIGKILL else 0)
    assert gone
    assert cancelled["state"] == "cancelled"
    assert os.path.exists(key)  # noqa: PTH110 - a text from JSON


def training(home, job, attempt=1):
    """Once an attempt trains: its watcher, with the first checkpoint."""
    words = [BIN / "still", "watch", job, "--json"]
    with Popen(words, env=home.environ, stdout=PIPE, text=True) as watching:
        for line in watching.stdout:
            event = json.loads(line)
            if (event["type"], event["attempt"]) == ("job.checkpoint_saved", attempt):
                break
        watching.kill()
