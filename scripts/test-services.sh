#!/bin/sh
# Installs the programs that tests need beside Python packages: Chromium, for the browser tests. Done by itself for root
# on Debian; elsewhere it prints the command, and those tests are skipped (in CI, a skip is a failure).
set -eu

packages='chromium fonts-dejavu-core'

if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests: $packages ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $packages >/dev/null
else
    echo "Chromium is missing: the browser tests will be skipped. To run them: sudo apt-get install $packages" >&2
fi
