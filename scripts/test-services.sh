#!/bin/sh
# Installs the programs that tests need beside Python packages: Chromium for the browser tests, and Request Tracker 5,
# a real service desk to send cases to. Done by itself for root on Debian; elsewhere it prints the commands, and those
# tests are skipped (in CI, a skip is a failure).
set -eu

# install WHAT PACKAGES
install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing for the tests: $2 ..."
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        # shellcheck disable=SC2086
        apt-get install -y -qq --no-install-recommends $2 >/dev/null
    else
        echo "$1 is missing: its tests will be skipped. To run them: sudo apt-get install $2" >&2
    fi
}

has_request_tracker() {
    [ -x /usr/share/request-tracker5/libexec/rt-server ] && perl -MDBD::SQLite -MStarlet -e 1 2>/dev/null
}

command -v chromium >/dev/null 2>&1 || install Chromium 'chromium fonts-dejavu-core'
has_request_tracker || install 'Request Tracker' 'request-tracker5 rt5-db-sqlite rt5-standalone'
