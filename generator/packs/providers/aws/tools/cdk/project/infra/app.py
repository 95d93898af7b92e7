"""The app that `cdk` runs: a stack for every stage."""

from __future__ import annotations

import aws_cdk as cdk

from infra.stack import ServiceStack
from infra.stages import STAGES

app = cdk.App()
for stage, settings in STAGES.items():
    ServiceStack(app, stage, settings)
app.synth()
