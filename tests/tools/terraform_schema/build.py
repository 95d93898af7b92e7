"""Writes a wheel's schema as the plugin protocol sends it: `python -m ...build WHEEL OUT`.

It runs where the protocol's classes are, in the virtual environment of `terraform_schema.txt`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tools.terraform_schema.extract import extract
from tools.terraform_schema.schema import Block, Schema


def main(wheel: str, target: str) -> None:
    Path(target).write_bytes(response(extract(Path(wheel))).SerializeToString())


def response(schema: Schema) -> Any:
    from tf.gen import tfplugin_pb2 as pb

    return pb.GetProviderSchema.Response(
        provider=_schema(schema.provider),
        resource_schemas={name: _schema(block) for name, block in schema.resources.items()},
        data_source_schemas={name: _schema(block) for name, block in schema.data_sources.items()},
    )


def _schema(block: Block) -> Any:
    from tf.gen import tfplugin_pb2 as pb

    return pb.Schema(block=_block(block))


def _block(block: Block) -> Any:
    from tf.gen import tfplugin_pb2 as pb

    attributes = [
        pb.Schema.Attribute(
            name=name,
            type=json.dumps(attribute.type).encode(),
            required=attribute.required,
            optional=attribute.optional,
            computed=attribute.computed,
        )
        for name, attribute in block.attributes.items()
    ]
    blocks = [
        pb.Schema.NestedBlock(
            type_name=name,
            nesting=getattr(pb.Schema.NestedBlock.NestingMode, nested.mode),
            block=_block(nested.block),
            min_items=nested.minimum,
            max_items=nested.maximum,
        )
        for name, nested in block.blocks.items()
    ]
    return pb.Schema.Block(attributes=attributes, block_types=blocks)


if __name__ == "__main__":
    main(*sys.argv[1:])
