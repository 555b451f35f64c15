"""Kept files in an S3 bucket. Only `files.py` uses it."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import boto3
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from tidings.kernel.errors import Missing, TryLater

CHUNK = 1 << 20
_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")


class Bucket:
    """An S3 bucket, `s3://bucket/prefix?endpoint=https://…`; credentials come from AWS_… in the environment."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._client = boto3.client(
            "s3", endpoint_url=options.get("endpoint"), region_name=options.get("region", "us-east-1")
        )

    def has(self, digest: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._name(digest))
        except ClientError as wrong:
            if wrong.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return False
            raise TryLater("file.store_away") from wrong
        except BotoCoreError as wrong:
            raise TryLater("file.store_away") from wrong
        return True

    def put(self, digest: str, source: Path) -> None:
        try:
            self._client.upload_file(str(source), self._bucket, self._name(digest))
        except (BotoCoreError, ClientError, Boto3Error) as wrong:
            raise TryLater("file.store_away") from wrong

    def read(self, digest: str) -> Iterator[bytes]:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._name(digest))
            yield from found["Body"].iter_chunks(CHUNK)
        except self._client.exceptions.NoSuchKey:
            raise Missing("file.missing", digest=digest) from None
        except (BotoCoreError, ClientError) as wrong:
            raise TryLater("file.store_away") from wrong

    def digests(self) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2")
        start = f"{self._prefix}/".lstrip("/")
        try:
            for page in pages.paginate(Bucket=self._bucket, Prefix=start):
                names = (found["Key"][len(start) :] for found in page.get("Contents", ()))
                yield from (name[3:] for name in names if _NAME.fullmatch(name))
        except (BotoCoreError, ClientError) as wrong:
            raise TryLater("file.store_away") from wrong

    def _name(self, digest: str) -> str:
        return f"{self._prefix}/{digest[:2]}/{digest}".lstrip("/")
