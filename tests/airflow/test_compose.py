"""docker-compose.yaml without an engine: the Compose specification's own schema, and what every service must have."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import composed
import pytest
import yaml

from newslake import deploy

SECRETS = {"FERNET_KEY": "", **dict.fromkeys(deploy.SECRETS, "")}
AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "init"}
TEXT = composed.COMPOSE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What `make secrets PROFILES=celery,s3` writes."""
    path = tmp_path_factory.mktemp("secrets") / ".env"
    assert deploy.main(["secrets", "--profiles", "celery,s3", "--output", str(path)]) == 0
    return composed.settings(path)


@pytest.fixture(scope="module")
def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    return composed.services(variables)


def test_the_file_is_what_the_specification_allows(tmp_path: Path) -> None:
    """The schema comes with check-jsonschema, as the Compose specification publishes it."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*check, str(composed.COMPOSE)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    wrong = tmp_path / "docker-compose.yaml"
    wrong.write_text(TEXT.replace("start_period:", "start_periode:"), encoding="utf-8")
    assert subprocess.run([*check, str(wrong)], capture_output=True, check=False).returncode != 0


def has_compose() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(
    not has_compose(), reason="docker compose is not installed here; the schema is checked all the same"
)
def test_compose_itself_reads_what_we_read(
    variables: Mapping[str, str], services: Mapping[str, Mapping[str, Any]], tmp_path: Path
) -> None:
    """Reading the file needs no engine."""
    settings = tmp_path / ".env"
    settings.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    command = ["docker", "compose", "--file", composed.COMPOSE, "--env-file", settings, "config", "--format", "json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)["services"]
    assert found.keys() == services.keys()
    for name, service in services.items():
        assert found[name].get("environment") == (service["environment"] or None), name
        assert found[name].get("command") == service.get("command"), name
        assert found[name].get("user") == service["user"], name


def test_nothing_starts_without_secrets(variables: Mapping[str, str]) -> None:
    for name in SECRETS:
        with pytest.raises(composed.MissingVariable, match=f"{name}: run"):
            composed.services({other: value for other, value in variables.items() if other != name})
        with pytest.raises(composed.MissingVariable, match=f"{name}: run"):
            composed.services({**variables, name: ""})


def test_no_secret_has_a_default(variables: Mapping[str, str], services: Mapping[str, Mapping[str, Any]]) -> None:
    """Whatever is named like a secret is one of `.env`, whole."""
    secret = re.compile(r"PASSWORD$|SECRET|_KEY$|KEY_ID$|REDISCLI_AUTH|CONN$|BROKER_URL")
    given = [variables[name] for name in (*SECRETS, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    looked_at = 0
    for service in services.values():
        for name, value in service["environment"].items():
            if secret.search(name):
                looked_at += 1
                assert any(one in str(value) for one in given), name
    assert looked_at > 30
    for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT):
        assert not secret.search(name), f"{name} has the default {default}"


def test_each_service_is_confined(services: Mapping[str, Mapping[str, Any]]) -> None:
    for name, service in services.items():
        assert service["user"].partition(":")[0] not in ("", "0", "root"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.keys() & {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"}, name
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert service["logging"]["driver"] == "json-file", name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["restart"] == ("on-failure:3" if name == "init" else "unless-stopped"), name
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), f"{name}: {port} is open to the network"
        for volume in service.get("volumes", ()):
            assert not volume.startswith(".") or volume.endswith(":ro"), f"{name}: {volume}"
    assert {name for name, service in services.items() if "ports" in service} == {"api-server"}


def test_health_checks_leave_room_for_slow_starts(services: Mapping[str, Mapping[str, Any]]) -> None:
    """Airflow has taken 75 s and more on a loaded machine."""
    for name, service in services.items():
        check = service["healthcheck"]
        if name == "init":
            assert check == {"disable": True}
            continue
        assert int(check["start_period"].removesuffix("s")) >= (180 if name in AIRFLOW else 60), name
        assert int(check["timeout"].removesuffix("s")) < int(check["interval"].removesuffix("s")) + 1, name
        assert check["retries"] >= 3, name


def test_services_wait_for_what_they_need(services: Mapping[str, Mapping[str, Any]]) -> None:
    for name in AIRFLOW - {"init"}:
        needs = services[name]["depends_on"]
        assert needs["postgres"] == {"condition": "service_healthy"}
        assert needs["init"] == {"condition": "service_completed_successfully"}
        for optional in ("redis", "s3"):
            assert needs[optional] == {"condition": "service_healthy", "required": False}
    assert services["worker"]["depends_on"]["api-server"] == {"condition": "service_healthy"}


def test_profiles_start_what_they_are_named_for(services: Mapping[str, Mapping[str, Any]]) -> None:
    core = {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}
    assert set(composed.active(services, [])) == core
    assert set(composed.active(services, ["celery"])) == core | {"redis", "worker"}
    assert set(composed.active(services, ["s3"])) == core | {"s3"}
    assert services["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("profiles", ["", "celery", "s3", "celery,s3"])
def test_settings_fit_their_profiles(profiles: str, tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert deploy.main(["secrets", "--profiles", profiles, "--output", str(path)]) == 0
    found = composed.services(composed.settings(path))["scheduler"]["environment"]
    assert found["AIRFLOW__CORE__EXECUTOR"] == ("CeleryExecutor" if "celery" in profiles else "LocalExecutor")
    assert ("NEWSLAKE_LAKE" in found) == ("AWS_ACCESS_KEY_ID" in found) == ("s3" in profiles)


def test_secrets_are_new_private_and_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for path in (first, second):
        assert deploy.main(["secrets", "--output", str(path)]) == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = capsys.readouterr()
    one, other = composed.settings(first), composed.settings(second)
    for name in SECRETS:
        assert one[name] != other[name]
        assert len(one[name]) >= 44
        assert one[name] not in told.out + told.err
    before = first.read_bytes()
    assert deploy.main(["secrets", "--output", str(first)]) == 2
    assert "there is one already" in capsys.readouterr().err
    assert first.read_bytes() == before
    assert deploy.main(["secrets", "--profiles", "kafka", "--output", str(tmp_path / "third")]) == 2
    assert "no profile kafka; there are: celery, s3" in capsys.readouterr().err
    assert not (tmp_path / "third").exists()


def test_secrets_need_nothing_installed(tmp_path: Path) -> None:
    """Who runs containers need not install newslake on the machine itself: -S leaves out all that is installed."""
    command = [sys.executable, "-S", "-m", "newslake.deploy", "secrets", "--output", str(tmp_path / ".env")]
    environment = {"PYTHONPATH": str(composed.PROJECT / "include")}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert SECRETS.keys() <= composed.settings(tmp_path / ".env").keys()


def test_secrets_stay_out_of_git_and_of_the_image() -> None:
    assert "/.env" in (composed.PROJECT / ".gitignore").read_text().split("\n"), "it could be committed"
    allowed = (composed.PROJECT / ".dockerignore").read_text().split("\n")
    assert "*" in allowed
    assert "!.env" not in allowed
    copied = re.findall(r"^COPY (.*) \S+$", composed.DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"!{name}" for line in copied for name in line.split()} == {line for line in allowed if line[:1] == "!"}


def test_the_image_is_made_of_the_tested_requirements() -> None:
    text = composed.DOCKERFILE.read_text(encoding="utf-8")
    assert "pip install --no-cache-dir --require-hashes --requirement requirements.txt && pip check" in text
    assert text.index("USER 50000:0") > text.rindex("RUN "), "what runs afterwards runs as this user"
    assert re.search(r"^FROM python:3\.1[123]-", text, re.MULTILINE)


def test_images_have_versions() -> None:
    images = [service["image"] for service in yaml.safe_load(TEXT)["services"].values() if "build" not in service]
    assert len(images) == 3
    for image in images:
        assert re.search(r":\d+\.\d+", image), f"{image} is another one tomorrow"


def test_the_helm_values_are_the_same_settings(services: Mapping[str, Mapping[str, Any]]) -> None:
    """Only what can be compared without a cluster: settings, the home, and that no secret stands in it."""
    text = (composed.PROJECT / "helm-values.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    environment = {**composed.image_environment(), **services["scheduler"]["environment"]}
    for section, entries in values["config"].items():
        for name, value in entries.items():
            assert environment[f"AIRFLOW__{section}__{name}".upper()] == value, name
    for entry in values["env"]:
        assert environment[entry["name"]] == entry["value"]
    (mount,) = values["volumeMounts"]
    assert f"lake:{mount['mountPath']}" in services["scheduler"]["volumes"]
    assert values["airflowVersion"] == importlib.metadata.version("apache-airflow")
    assert not re.search(r"(?i)(password|secret|key): *(?!newslake-secrets)\S", text)


def test_every_step_with_containers_is_performed() -> None:
    """Below these headings tests/airflow/test_deploy.py performs every command; none may stand elsewhere."""
    for page in sorted((composed.PROJECT / "docs").rglob("*.md")):
        sections = re.split(r"^#+ ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found = {one.partition("\n")[0] for one in sections if re.search(r"^docker compose", one, re.MULTILINE)}
        assert found == ({"Start", "Back up", "Restore", "Upgrade"} if page.name == "deploy.md" else set()), page


@pytest.mark.lake
def test_the_settings_of_the_store_are_those_of_a_lake(
    s3: Mapping[str, str], variables: Mapping[str, str], tmp_path: Path
) -> None:
    """As the scheduler gets them with the profile `s3`, but for the address: the bucket that the service makes, and its key."""
    services = composed.services(variables)
    given = services["scheduler"]["environment"]
    assert services["s3"]["environment"]["S3_BUCKET"] == given["NEWSLAKE_LAKE"].split("/")[2] == "lake"
    settings = {name: value for name, value in given.items() if name.startswith(("AWS_", "NEWSLAKE_"))}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NEWSLAKE_"))}
    home = {
        "NEWSLAKE_HOME": str(tmp_path / "home"),
        "AWS_ENDPOINT_URL": s3["AWS_ENDPOINT_URL"],
        "NO_PROXY": "127.0.0.1",
    }
    for command in (["run", "--input", "seeds/articles"], ["verify"]):
        result = subprocess.run(
            [sys.executable, "-m", "newslake.cli", *command],
            env={**inherited, **settings, **home},
            cwd=composed.PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
    assert (tmp_path / "home" / "store.txt").read_text() == given["NEWSLAKE_LAKE"]
