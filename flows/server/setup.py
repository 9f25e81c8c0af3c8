"""Set up a Prefect server as prefect.yaml and automations.yaml say; run as ``-m flows.server.setup``.

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
    """Create the work pool, apply the deployments and install the automations."""
    with get_client(sync_client=True) as client:
        with suppress(ObjectAlreadyExists):
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
        words = ["--no-prompt", "deploy", "--all", "--prefect-file", str(prefect_yaml())]
        subprocess.run([sys.executable, "-P", "-m", "prefect", *words], cwd=ROOT, check=True)  # noqa: S603
        automations.install(client)


if __name__ == "__main__":
    main()
