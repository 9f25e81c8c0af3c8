"""Set up a Prefect server by prefect.yaml and automations.yaml: ``python -m flows.server.setup [NAME ...]``.

Running it again changes nothing, so each start of ``touchbase serve`` runs it.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from flows.orchestration import automations
from flows.orchestration.deployment import POOL, ROOT, prefect_yaml


def main() -> None:
    """Create the work pool, apply the named deployments (all without a name) and install the automations."""
    names = [word for name in sys.argv[1:] for word in ("-n", name)] or ["--all"]
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        words = ["--no-prompt", "deploy", *names, "--prefect-file", str(prefect_yaml())]
        subprocess.run([sys.executable, "-P", "-m", "prefect", *words], cwd=ROOT, check=True)  # noqa: S603
        automations.install(client)


if __name__ == "__main__":
    main()
