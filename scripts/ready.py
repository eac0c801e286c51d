"""Exit code 0 if the Lotsen in this container is ready, 1 if not: for a container's health check, which has no curl."""

import os
import sys
import urllib.error
import urllib.request

try:
    port = os.environ.get("LOTSEN_METRICS_PORT") or "5007"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=4) as answer:
        sys.exit(answer.status != 200)
except (urllib.error.URLError, OSError) as error:
    print(error)
    sys.exit(1)
