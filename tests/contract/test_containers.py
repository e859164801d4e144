"""The images and the compose file: they say what they should, and each of their commands runs."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.support.valkey import Valkey, free_port

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BIN = Path(sys.executable).parent
PATIENCE_S = 60


def stages():
    """Each stage of the Dockerfile by its name."""
    parts = re.split(r"^FROM \S+ AS (\w+)\n", DOCKERFILE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def last(stage, instruction):
    """The instruction's words in JSON form, as the image ends up with them."""
    _, _, after = stages()[stage].rpartition(f"\n{instruction} ")
    words = re.search(r"\[.*?\]$", after, flags=re.MULTILINE | re.DOTALL).group()
    return json.loads(words.replace("\\\n", ""))


def command(service):
    return COMPOSE[service].get("command") or last(
        "worker" if service == "worker" else "api", "CMD"
    )


def test_compose_has_the_services_of_the_design():
    assert {"postgres", "redis", "migrate", "api", "worker", "reconciler"} == set(COMPOSE)


def test_the_images_have_the_targets_that_compose_builds():
    built = {s["build"]["target"] for s in COMPOSE.values() if "build" in s}

    assert built == {"api", "worker"} <= set(stages())


def test_no_image_runs_as_root():
    assert all("\nUSER stillhouse\n" in stages()[name] for name in ("api", "worker"))


def test_the_api_image_installs_no_torch_and_looks():
    assert "'.[api]'" in stages()["api"]
    assert "find_spec('torch')" in stages()["api"]
    assert "'.[api,worker,parquet]'" in stages()["worker"]


def test_the_dashboard_is_built_from_its_lock_file_and_served_by_the_image_of_the_api():
    """What a clone may have built already, of whatever version, stays out of the image."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    build = stages()["dashboard"]

    assert build.index("package-lock.json") < build.index("npm ci") < build.index("npm run build")
    assert "COPY --from=dashboard /dashboard/dist dashboard/dist\nRUN uv" in stages()["api"]
    assert "COPY tools/wheel_with_dashboard.py tools/\n" in stages()["base"]
    assert {"dashboard/dist", "dashboard/node_modules"} <= {*ignored}


def test_every_package_of_the_wheel_is_copied():
    import tomllib

    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    copied = set(re.findall(r"^COPY (\w+) \1$", stages()["base"], flags=re.MULTILINE))

    assert copied == set(wheel["targets"]["wheel"]["packages"])


def test_everything_waits_for_what_it_needs():
    for name in ("api", "worker", "reconciler"):
        assert COMPOSE[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert COMPOSE["migrate"]["restart"] == "no"
    assert COMPOSE["redis"]["command"][-2:] == ["--maxmemory-policy", "noeviction"]


def test_a_drained_worker_is_given_the_time_it_takes():
    from stillhouse.runtime.settings import Settings

    grace_s = int(COMPOSE["worker"]["stop_grace_period"].removesuffix("s"))

    assert grace_s > 2 * Settings().checkpoint_grace_s


def test_every_setting_that_compose_gives_exists():
    from stillhouse.runtime.settings import Settings

    given = {name for s in COMPOSE.values() for name in s.get("environment", {})}
    known = {f"STILLHOUSE_{name}".upper() for name in Settings.model_fields}

    assert {name for name in given if name.startswith("STILLHOUSE_")} <= known


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    """What a container sees, with a database file in the place of PostgreSQL."""
    with Valkey() as valkey:
        yield {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "HOME": str(tmp_path_factory.mktemp("home")),
            "STILLHOUSE_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "STILLHOUSE_BROKER_URL": valkey.url,
            "PYTHONPATH": str(ROOT),
        }


@pytest.fixture(scope="module")
def migrated(environ):
    subprocess.run(command("migrate"), env=environ, check=True, capture_output=True)
    return environ


def started(words, environ, log):
    with log.open("wb") as output:
        return subprocess.Popen(words, env=environ, stdout=output, stderr=output)


def until(check, process, log):
    """Look until it holds; a process that ended, or too much time, is told with its output."""
    deadline = time.monotonic() + PATIENCE_S
    while not check():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def test_migrate_may_run_at_every_start(migrated):
    again = subprocess.run(command("migrate"), env=migrated, capture_output=True, check=False)

    assert again.returncode == 0


def test_the_api_answers_the_health_check_of_its_image(migrated, tmp_path):
    port, log = str(free_port()), tmp_path / "log"
    words = [port if word == "8080" else word for word in command("api")]
    words = ["127.0.0.1" if word == "0.0.0.0" else word for word in words]  # noqa: S104
    look = [word.replace("8080", port) for word in last("api", "HEALTHCHECK")]
    api = started(words, migrated, log)

    def healthy():
        return subprocess.run(look, env=migrated, capture_output=True, check=False).returncode == 0

    try:
        until(healthy, api, log)
    finally:
        api.terminate()
        assert api.wait(PATIENCE_S) in (0, -15)


@pytest.mark.parametrize("service", ["worker", "reconciler"])
def test_the_other_processes_start_and_stop_when_told(migrated, tmp_path, service):
    log = tmp_path / "log"
    process = started(command(service), migrated, log)
    ready = {"worker": "worker.joined", "reconciler": "reconcil"}[service]
    try:
        until(lambda: ready in log.read_text(), process, log)
    finally:
        process.terminate()
        code = process.wait(PATIENCE_S)

    assert code == 0, log.read_text()


def test_a_key_can_be_made_as_the_compose_file_says(migrated):
    said = (ROOT / "docker-compose.yml").read_text()
    made = subprocess.run(
        ["stillhouse-admin", "create-key"], env=migrated, capture_output=True, text=True, check=True
    )

    assert "stillhouse-admin create-key" in said
    assert made.stdout.startswith("sh_live_")
    assert os.linesep in made.stdout
