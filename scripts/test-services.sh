#!/bin/sh
# Installs the programs that tests need beside Python packages: Chromium for the browser tests, Request Tracker 5, a real
# service desk to send cases to, PostgreSQL, Redis, Prometheus' checker of rules, a library that moves the clock, and npm, which brings Microsoft's renderer of cards and schema of app packages. Done by
# itself for root on Debian; elsewhere it prints the commands, and those tests are skipped (in CI, a skip is a failure).
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
has_postgres() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

has_postgres || install PostgreSQL postgresql
command -v redis-server >/dev/null 2>&1 || install Redis redis-server
command -v promtool >/dev/null 2>&1 || install 'The checker of alert rules' prometheus
ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || install 'The library that moves the clock' libfaketime
has_request_tracker || install 'Request Tracker' 'request-tracker5 rt5-db-sqlite rt5-standalone'

# Puts a package of npm-packages.txt into .tools/npm, if it is the one that was looked at when it was listed. Nothing of
# it is run here, and nothing that it depends on is fetched.
fetch_package() {
    folder=".tools/npm/${1##*/}-$2"
    [ -e "$folder/package.json" ] && return
    command -v npm >/dev/null 2>&1 || install npm npm </dev/null
    if ! command -v npm >/dev/null 2>&1; then return; fi
    echo "Fetching for the tests: $1 $2 ..."
    rm -rf "$folder" && mkdir -p "$folder"
    (cd "$folder" && npm pack --silent --ignore-scripts "$1@$2" >/dev/null </dev/null)
    found=$(python3 -c 'import hashlib, sys; print(hashlib.sha512(open(sys.argv[1], "rb").read()).hexdigest())' "$folder"/*.tgz)
    if [ "$found" != "$3" ]; then
        echo "$1 $2 is not the package that scripts/npm-packages.txt names; it is not used." >&2
        rm -rf "$folder"
        return
    fi
    tar -xzf "$folder"/*.tgz -C "$folder" --strip-components=1 --exclude stats.json
    rm "$folder"/*.tgz
}

# Puts the identity provider that tests sign in with into .tools/npm/oidc, just as its lock file names it. Nothing of the
# packages is run here.
fetch_identity_provider() {
    from=tests/support/oidc folder=.tools/npm/oidc
    cmp -s "$from/package-lock.json" "$folder/installed.json" && return
    command -v npm >/dev/null 2>&1 || install npm npm </dev/null
    if ! command -v npm >/dev/null 2>&1; then return; fi
    echo 'Fetching for the tests: oidc-provider ...'
    rm -rf "$folder" && mkdir -p "$folder"
    cp "$from/package.json" "$from/package-lock.json" "$folder"
    (cd "$folder" && npm ci --silent --ignore-scripts --no-audit --no-fund </dev/null)
    cp "$folder/package-lock.json" "$folder/installed.json"
}

cd "$(dirname "$0")/.."
fetch_identity_provider
grep -v '^#' scripts/npm-packages.txt | while read -r name version sum; do
    fetch_package "$name" "$version" "$sum"
done
