#!/bin/sh
# Installs what a running bot needs into a folder, as uv.lock says, without the packages of left-out.txt. Run in the checkout.
set -eu
here=$(dirname "$0")
set --  "$1"
for package in $(grep -v '^#' "$here/left-out.txt"); do
    set -- "$@" --no-install-package "$package"
done
folder=$1
shift
UV_PROJECT_ENVIRONMENT=$folder "${UV:-uv}" sync --locked --no-dev "$@"
