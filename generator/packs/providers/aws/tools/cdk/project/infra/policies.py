"""Statements that several policies have."""

from __future__ import annotations

from aws_cdk import aws_iam as iam


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
