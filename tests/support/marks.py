"""Marks that several test files share."""

from __future__ import annotations

import os

import pytest

ON_POSTGRES = os.environ.get("TOUCHBASE_TEST_STORE") == "postgres"
ABOUT_SQLITE = pytest.mark.skipif(ON_POSTGRES, reason="about SQLite's file, or a program of its own reads it")
