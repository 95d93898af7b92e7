"""Checks of checkov that one resource leaves out; .checkov.yaml has those that all leave out."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from constructs import Construct


def skip(construct: Construct, check: str, reason: str) -> None:
    resource = cast("cdk.CfnResource", construct.node.default_child)
    resource.add_metadata("checkov", {"skip": [{"id": check, "comment": reason}]})
