#!/usr/bin/env python3
"""boto3 behind the adapter protocol of `ec2wire verify client`.

    ec2wire verify client -- python3 adapters/boto3_adapter.py

Reads a call a line and writes what came of it in a line. Needs boto3.
"""

import json
import re
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ParamValidationError,
    ResponseStreamingError,
)

# The standard mode waits less between attempts than the legacy one.
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3})

session = boto3.session.Session()


def method(operation):
    """CreateIpamPolicy as create_ipam_policy."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def call(order):
    client = session.client(
        "ec2",
        endpoint_url=order["endpoint"],
        region_name=order["region"],
        aws_access_key_id=order["credentials"]["accessKeyId"],
        aws_secret_access_key=order["credentials"]["secretAccessKey"],
        config=CONFIG,
    )
    try:
        output = getattr(client, method(order["operation"]))(**order["input"])
    except ClientError as error:
        metadata = error.response.get("ResponseMetadata", {})
        return {
            "outcome": "error",
            "kind": "service",
            "code": error.response.get("Error", {}).get("Code"),
            "message": error.response.get("Error", {}).get("Message"),
            "status": metadata.get("HTTPStatusCode"),
            "requestId": metadata.get("RequestId"),
        }
    except (ConnectionError, HTTPClientError, ResponseStreamingError) as error:
        return {"outcome": "error", "kind": "transport", "message": str(error)}
    except ParamValidationError as error:
        return {"outcome": "error", "kind": "client", "message": str(error)}
    except (BotoCoreError, Exception) as error:  # what a parser raises is the client's own
        message = f"{type(error).__name__}: {error}"
        return {"outcome": "error", "kind": "client", "message": message}
    output.pop("ResponseMetadata", None)
    return {"outcome": "ok", "output": output}


def main():
    for line in sys.stdin:
        order = json.loads(line)
        outcome = {"id": order["id"], **call(order)}
        print(json.dumps(outcome, default=str), flush=True)


main()
