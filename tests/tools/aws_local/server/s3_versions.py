"""S3: `ListObjectVersions` encodes keys when it is asked to; Terraform empties buckets by it.

Source: "ListObjectVersions" in the Amazon S3 API Reference: `encoding-type`. moto ignores it.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any
from xml.sax.saxutils import escape, unescape

from moto.s3.responses import S3Response


def install() -> None:
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
