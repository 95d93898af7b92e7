"""Secrets of stacks, with a generated value: made once, and left alone by later updates."""

from __future__ import annotations

from tools.aws_local.server.cfn_model import Call, Resource, ResourceType, boolean, typed


def _create(call: Call) -> Resource:
    properties = dict(call.properties)
    client = call.client("secretsmanager")
    generated = properties.pop("GenerateSecretString", None)
    if generated is not None:
        wanted = typed(generated, PasswordLength=int, ExcludePunctuation=boolean)
        password = client.get_random_password(**wanted)["RandomPassword"]
        properties["SecretString"] = password
    answer = client.create_secret(**{"Name": call.name, **properties})
    return Resource(answer["ARN"], {"Id": answer["ARN"]})


def _update(call: Call, physical_id: str) -> Resource:
    """AWS makes a new value only if GenerateSecretString itself has changed."""
    return Resource(physical_id, {"Id": physical_id})


def _delete(call: Call, physical_id: str) -> None:
    call.client("secretsmanager").delete_secret(
        SecretId=physical_id, ForceDeleteWithoutRecovery=True
    )


TYPES = (ResourceType("AWS::SecretsManager::Secret", _create, _delete, _update),)
