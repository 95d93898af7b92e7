"""S3: how buckets are emptied. moto knows neither of the following.

`ListObjectVersions` encodes keys when it is asked to, as Terraform does; `DeleteObjects` refuses
more than a thousand keys. Source: these two in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any
from xml.sax.saxutils import escape, unescape

from moto.s3.exceptions import MalformedXML
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response


def install() -> None:
    _install_encoding()
    _install_limit()


def _install_limit() -> None:
    plain = S3Backend.delete_objects

    def delete_objects(self: Any, bucket_name: str, objects: list[Any], *given: Any) -> Any:
        if len(objects) > 1000:
            raise MalformedXML
        return plain(self, bucket_name, objects, *given)

    S3Backend.delete_objects = delete_objects


def _install_encoding() -> None:
    plain = S3Response.list_object_versions

    def list_object_versions(self: Any) -> Any:
        answer = plain(self)
        if self.querystring.get("encoding-type", [None])[0] != "url":
            return answer
        *rest, body = answer
        text = body if isinstance(body, str) else body.decode()
        text = re.sub(r"<Key>(.*?)</Key>", lambda found: f"<Key>{_encoded(found[1])}</Key>", text)
        said = "<EncodingType>url</EncodingType>"
        return (*rest, text.replace("</ListVersionsResult>", f"{said}</ListVersionsResult>"))

    S3Response.list_object_versions = list_object_versions


def _encoded(key: str) -> str:
    return escape(urllib.parse.quote_plus(unescape(key), safe="/*"))
