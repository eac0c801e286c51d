"""deploy/ is read by the tools of its makers, and by us for what they do not know."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Set

import pytest
import yaml

from lotsen.desk.access.config import TRIAGE_OPTIONS
from lotsen.service_desks.config import desk_settings
from lotsen.settings import PROCESSES, ROOT, SETTINGS

DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose" / "compose.yaml"


def run(root: Path, *part: str) -> subprocess.CompletedProcess[str]:
    """Run the checks in the checkout ``root``."""
    command = ["sh", str(root / "scripts" / "check-deploy.sh"), *part]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def compose() -> Dict[str, Any]:
    """Return the compose file."""
    return dict(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))


def manifests() -> List[Dict[str, Any]]:
    """Return the manifests of the base."""
    paths = sorted((DEPLOY / "kubernetes" / "base").glob("*.yaml"))
    return [document for path in paths for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def deployments() -> Dict[str, Dict[str, Any]]:
    """Return the pod of each Deployment, by its component."""
    found = [one for one in manifests() if one["kind"] == "Deployment"]
    return {one["metadata"]["name"].removeprefix("lotsen-"): one["spec"]["template"]["spec"] for one in found}


def names_in(text: str) -> Set[str]:
    """Return the settings of Lotsen that a text names."""
    words = text.replace("_FILE", "").replace("$", " ").translate(str.maketrans('{}:="/,[]-', " " * 10)).split()
    return {word for word in words if word.startswith("LOTSEN_")}


def test_the_tools_find_nothing() -> None:
    """kustomize, Kubernetes' schemas, the compose schema, hadolint and checkov."""
    done = run(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("kubernetes/base/rasa.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"),
        ("kubernetes/base/rasa.yaml", "maxReplicas: 8", "maxReplicas: eight"),
        ("compose/compose.yaml", "condition: service_healthy", "condition: service_well"),
        ("container/Containerfile", "USER 10001:10001", "USER root"),
    ],
)
def test_the_tools_would_find_something(file: str, right: str, wrong: str, tmp_path: Path) -> None:
    """Each of these faults is found, so that silence means something."""
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "check-deploy.sh", tmp_path / "scripts")
    if (ROOT / ".tools").exists():
        (tmp_path / ".tools").symlink_to(ROOT / ".tools")
    text = (tmp_path / "deploy" / file).read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "deploy" / file).write_text(text.replace(right, wrong), encoding="utf-8")
    assert run(tmp_path, file.split("/")[0]).returncode != 0


def test_every_setting_named_is_one_of_ours() -> None:
    """A name that is misspelt would be ignored without a word."""
    desks = [one for some in desk_settings().values() for one in some]
    known = {setting.name for setting in (*SETTINGS, *TRIAGE_OPTIONS, *desks)}
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".env") or path.name == "Containerfile":
            named = names_in(path.read_text(encoding="utf-8"))
            assert named - known - {"LOTSEN_IMAGE"} == set(), path


@pytest.mark.parametrize("where", ["compose", "kubernetes"])
def test_every_process_runs_somewhere_once(where: str) -> None:
    """What ``lotsen up`` does on one machine is done by all containers together, nothing by two kinds of them."""
    if where == "compose":
        told = [
            service.get("environment", {}).get("LOTSEN_PROCESSES", "") for service in compose()["services"].values()
        ]
    else:
        env = [one for pod in deployments().values() for one in pod["containers"][0]["env"]]
        told = [one["value"] for one in env if one["name"] == "LOTSEN_PROCESSES"]
    assert sorted(name for text in told for name in text.split(",") if name) == sorted(PROCESSES)


def test_only_what_must_be_reached_is_published() -> None:
    """On the host of the compose file there is one port; stores and action servers have no way out or in."""
    services = compose()["services"]
    assert {name for name, service in services.items() if service.get("ports")} == {"proxy"}
    assert {name for name, service in services.items() if service["networks"] == ["inside"]} >= {"postgres", "redis"}
    assert compose()["networks"]["inside"]["internal"] is True


def test_secrets_are_files_and_reach_who_needs_them() -> None:
    """No pod has a secret in its environment; only those that call the action server, or are it, know its secret."""
    pods = deployments()
    for pod in pods.values():
        for one in pod["containers"][0]["env"]:
            assert "SECRET" not in one["name"] or one["name"].endswith("_FILE")
    items = {
        name: {
            item["key"]
            for volume in pod["volumes"]
            if volume["name"] == "secrets"
            for item in volume["secret"]["items"]
        }
        for name, pod in pods.items()
    }
    assert {name for name, keys in items.items() if "LOTSEN_ACTIONS_SECRET" in keys} == {"rasa", "actions"}
    assert {name for name, keys in items.items() if "LOTSEN_REDIS_URL" in keys} == {"rasa"}
    assert {name for name, keys in items.items() if "LOTSEN_TRIAGE_OIDC_CLIENT_SECRET" in keys} == {"triage"}
    assert {name for name, pod in pods.items() if any(v["name"] == "desks" for v in pod["volumes"])} == {"deliverer"}


def test_a_pod_ends_after_its_turns() -> None:
    """Kubernetes waits longer than Lotsen takes to end, and what replaces a pod is ready before it goes."""
    for document in manifests():
        if document["kind"] == "Deployment":
            assert document["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 45
            assert document["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_each_served_component_keeps_one_pod() -> None:
    """A node that is emptied never takes the last pod of what users wait for."""
    budgets = {
        one["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"]: one["spec"]
        for one in manifests()
        if one["kind"] == "PodDisruptionBudget"
    }
    assert set(budgets) == {"rasa", "actions", "triage"}
    assert all(budget["minAvailable"] == 1 for budget in budgets.values())
