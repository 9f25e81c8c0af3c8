"""What a run shows while it works: one line of progress on a terminal, and nothing of it elsewhere."""

from __future__ import annotations

import logging

import pytest

from flows.cli.live import showing
from flows.conducting.progress import PROGRESS, Pulling, bar
from tests.support.terminal import raw_lines

REPORTS = """
import logging, sys
sys.stderr = sys.stdout
from flows.cli.live import showing
from flows.conducting.progress import PROGRESS
with showing():
    PROGRESS.debug("reading phone, work")
    logging.getLogger("flows.x").warning("phone: out of reach, trying again in 2 s (1 of 3)")
    logging.getLogger("flows.x").info("not for the user")
    PROGRESS.debug("judge, and many more words than fit into the line of a narrow terminal")
PROGRESS.debug("over")
print("done")
"""


def test_progress_is_one_line_that_the_next_one_overwrites() -> None:
    erase = "\r\x1b[K"
    assert raw_lines(REPORTS, columns=40) == [
        f"{erase}reading phone, work ...{erase}phone: out of reach, trying again in 2 s (1 of 3)",
        f"{erase}judge, and many more words than fit int{erase}done",
    ]


def test_elsewhere_only_what_the_user_should_know_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with showing():
        PROGRESS.debug("reading phone")
        logging.getLogger("connectors.x").warning("Google does not answer\x1b[2J")
    assert capsys.readouterr().err == "Google does not answer[2J\n"


def test_the_log_is_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    with showing(verbose=True):
        logging.getLogger("connectors.x").info("the cursor has expired")
    logging.getLogger("connectors.x").info("later")
    shown = capsys.readouterr().err
    assert shown.endswith("INFO connectors.x: the cursor has expired\n")
    assert shown.count("\n") == 1


def test_a_long_pull_shows_how_far_it_is_once_per_second(caplog: pytest.LogCaptureFixture) -> None:
    assert bar("phone", 1000, 4000) == f"phone [{'#' * 7}{'.' * 23}] 1,000 of 4,000"
    caplog.set_level(logging.DEBUG, PROGRESS.name)
    pulling = Pulling()
    for done in (1000, 1100, 4000):
        pulling.report("phone", done, 4000)
    Pulling().report("short", 1999, 1999)
    assert caplog.messages == [bar("phone", 1000, 4000), bar("phone", 4000, 4000)]
