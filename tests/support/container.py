"""What a container of the image is, without a container engine: its packages, its user, its read-only root.

The folders are laid out as ``deploy/container/Containerfile`` does, with the packages that its script installs. A mount
namespace of its own makes everything read-only but for the data folder and one for temporary files, and the process has
the image's user and no capability.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

from lotsen.settings import ROOT

USER = 10001
"""As in the Containerfile."""
NEEDS = "root on Linux, to make a mount namespace"


def possible() -> bool:
    """Tell whether this machine lets us make a mount namespace."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0


def lay_out(folder: Path) -> Path:
    """Make the image's ``/opt/lotsen`` in ``folder``: the checkout's files, the model, the packages; return it."""
    app = folder / "opt"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if name.split("/")[0] in ("docs", "tests") or not (ROOT / name).is_file():
            continue
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, app / name)
    shutil.copytree(ROOT / "models", app / "models")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    install = ["sh", "deploy/container/install.sh", str(app / ".venv")]
    env = {**os.environ, "UV": uv, "UV_PYTHON": sys.executable}
    done = subprocess.run(install, cwd=app, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return app


def starter(app: Path, writable: Path) -> List[str]:
    """Return the command that runs ``lotsen up`` of ``app`` as the image's user, who may write below ``writable``."""
    python = Path(sys.base_prefix).resolve()
    script = f"""
set -eu
mount --make-rprivate /
mount -t tmpfs -o size=512m,uid={USER},gid={USER},mode=0700 tmpfs {writable}
python={writable.parent}/python
mkdir -p $python
mount --bind {python} $python
mount -t tmpfs -o mode=0755 tmpfs /root
mkdir -p {python}
mount --bind $python {python}
mount -o remount,bind,ro /root
mount -o remount,bind,ro /
cd {app}
exec setpriv --reuid={USER} --regid={USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
    env HOME={writable} TMPDIR={writable} {app}/.venv/bin/lotsen up
"""
    return ["unshare", "--mount", "sh", "-c", script]
