"""What several policies have in common."""

from __future__ import annotations

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct


def keep_policy(of: Construct) -> None:
    """What is said about who gets in stays with a queue or bucket that outlives the stack."""
    policy = cast(cdk.Resource, of.node.find_child("Policy"))
    policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def tls_only(service: str, *resources: str) -> iam.PolicyStatement:
    """For the policy of a queue, topic or bucket: nobody gets in without TLS."""
    return iam.PolicyStatement(
        sid="TlsOnly",
        effect=iam.Effect.DENY,
        principals=[iam.StarPrincipal()],
        actions=[f"{service}:*"],
        resources=[*resources],
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
