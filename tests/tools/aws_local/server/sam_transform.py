"""What CloudFormation's AWS::Serverless macro does, by the real aws-sam-translator."""

from __future__ import annotations

import json
from typing import Any

import boto3
from moto.cloudformation.exceptions import ValidationError
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

TRANSFORM = "AWS::Serverless-2016-10-31"


class _ManagedPolicies(dict[str, str]):
    """Name to ARN of every managed policy; AWS's macro asks IAM for the list."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        folder = "service-role/" if name.startswith("AWSLambda") else ""
        return f"arn:aws:iam::aws:policy/{folder}{name}"

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]


def expand(template: str, parameters: dict[str, Any], region: str) -> str:
    """The template as it is if it does not use the macro, else what the macro makes of it."""
    if TRANSFORM not in template:
        return template
    session = boto3.Session(
        region_name=region, aws_access_key_id="test", aws_secret_access_key="test"
    )
    translator = Translator(_ManagedPolicies(), Parser(), boto_session=session)
    try:
        return json.dumps(translator.translate(yaml_parse(template), parameters))
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise ValidationError(message=f"{error.message} {causes}") from error
