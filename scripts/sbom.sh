#!/bin/sh
# Writes what Lotsen is made of, as CycloneDX 1.5: everything that `make setup` installs, and what the container image holds.
# Usage: sbom.sh FOLDER
set -eu
folder=$1
cd "$(dirname "$0")/.."
uv=uv
command -v uv >/dev/null 2>&1 || uv=.tools/bin/uv
mkdir -p "$folder"
"$uv" export --quiet --locked --no-dev --format cyclonedx1.5 --preview-features sbom-export --output-file "$folder/sbom.cdx.json" >/dev/null
for package in $(grep -v '^#' deploy/container/left-out.txt); do
    set -- "$@" --no-emit-package "$package"
done
shift
"$uv" export --quiet --locked --no-dev --format cyclonedx1.5 --preview-features sbom-export "$@" \
    --output-file "$folder/sbom-container.cdx.json" >/dev/null
echo "Wrote $folder/sbom.cdx.json and $folder/sbom-container.cdx.json"
