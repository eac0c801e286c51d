#!/bin/sh
# Installs everything that Lotsen needs into .venv, from uv.lock. Finds or fetches uv, finds Python 3.10, and says
# in a sentence what is missing when it cannot. Called by `make setup`; safe to run again.
set -eu

UV_VERSION=0.13.9
NEEDED_MB=${LOTSEN_SETUP_FREE_MB:-10000}
cd "$(dirname "$0")/.."

fail() {
    printf 'Lotsen: %s\n' "$*" >&2
    exit 1
}

free_mb() {
    df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'
}

find_uv() {
    for candidate in uv .tools/bin/uv "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
        if "$candidate" --version >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# uv comes from the package registry: in an environment of its own, or, where Debian has no venv, in a plain folder.
fetch_uv() {
    python=$(command -v python3 || command -v python) || fail "there is no Python on this machine. Install Python 3.10."
    if "$python" -m venv .tools >/dev/null 2>&1; then
        .tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" ||
            fail "uv could not be installed from the package registry. Is it reachable? pip's message is above."
    elif "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf .tools
        "$python" -m pip install --quiet --disable-pip-version-check --target .tools "uv==$UV_VERSION" ||
            fail "uv could not be installed from the package registry. Is it reachable? pip's message is above."
    else
        rm -rf .tools
        fail "$python has neither venv nor pip, so uv cannot be fetched. Install one: apt-get install python3-venv"
    fi
}

find_python() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' 2>/dev/null; then
        echo .venv/bin/python
        return 0
    fi
    for candidate in python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10.*/bin/python3.10 \
        /opt/homebrew/bin/python3.10 /usr/local/bin/python3.10; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    UV_PYTHON_DOWNLOADS=never "$1" python find 3.10 2>/dev/null
}

if [ ! -d .venv ] && [ "$(free_mb)" -lt "$NEEDED_MB" ]; then
    fail "the disk is too full: $(free_mb) MB free here, about $NEEDED_MB MB needed for the Python packages. Free some space."
fi

uv=$(find_uv) || { echo 'Fetching uv, which installs the rest ...'; fetch_uv; uv=$(find_uv) || fail "uv was installed but does not start."; }

python=$(find_python "$uv") || {
    echo 'No Python 3.10 here; asking uv for one ...'
    "$uv" python install 3.10 2>/dev/null && python=$("$uv" python find 3.10)
} || fail "Python 3.10 was not found, and could not be downloaded. It is the newest that Rasa 3.6 supports. Install it in one of these ways, then try again:
    pyenv install 3.10          (pyenv; .python-version makes it and uv find it)
    brew install python@3.10    (macOS)
    apt-get install python3.10  (Debian or Ubuntu releases that have it)"

if [ ! -d .venv ]; then
    echo 'Installing the Python packages into .venv (about 8 GB; some minutes the first time) ...'
fi
if [ -t 2 ]; then quiet=; else quiet=--quiet; fi
# shellcheck disable=SC2086
"$uv" sync --locked --python "$python" $quiet ||
    fail "the packages could not be installed. uv's message is above; a full disk or an unreachable package registry are the usual reasons."

case $uv in
*.tools/*) echo "uv is in .tools/bin, not on your PATH: for \`uv run lotsen ...\` write .tools/bin/uv run lotsen ..." ;;
esac
