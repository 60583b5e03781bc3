"""Walks through the scenario with boto3 or with the AWS CLI, and prints what each step was answered.

    drive.py boto3|cli < {"endpoint": ..., "mail": ..., "steps": [...], "key": ..., "secret": ...}

Printed is {"transcript": [{"name", "answer" | "error"}], "violations": [...], "unknown": [operation, ...]}: with boto3 each answer, as it came
over the wire, is also held against the model that botocore itself carries.
"""

import contextlib
import io
import json
import os
import re
import sys
import time
import urllib.request

given = json.load(sys.stdin)
os.environ.update(
    AWS_ACCESS_KEY_ID=given["key"],
    AWS_SECRET_ACCESS_KEY=given["secret"],
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    AWS_PAGER="",
    AWS_CONFIG_FILE="/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE="/nonexistent",
    AWS_MAX_ATTEMPTS="1",
)

violations = []


class Refused(Exception):
    def __init__(self, type, message):
        self.details = {"type": type, "message": message}


def check_raw(operation_model, response_dict, **_):
    """Botocore's own look at an answer that is still JSON: types, required members, unknown members."""
    from botocore.validate import ParamValidator

    body = response_dict["body"]
    shape = operation_model.output_shape
    if response_dict["status_code"] >= 300 or shape is None or not body.startswith(b"{"):
        return
    report = ParamValidator().validate(json.loads(body), shape)
    if report.has_errors():
        violations.append(f"{operation_model.name}: {report.generate_report()}")


clients = {}


def call_boto3(service, operation, parameters):
    import boto3
    from botocore.exceptions import ClientError
    from botocore.parsers import ResponseParserError
    from botocore import xform_name

    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=given["endpoint"])
        clients[service].meta.events.register(f"before-parse.{service}.*", check_raw)
    try:
        answer = getattr(clients[service], xform_name(operation))(**parameters)
    except ClientError as error:
        raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"])
    except ResponseParserError as error:
        # A page of HTML where XML is spoken.
        raise Refused("Unparsable", str(error))
    answer.pop("ResponseMetadata", None)
    return answer


drivers = {}


def call_cli(service, operation, parameters):
    from awscli.clidriver import create_clidriver
    from botocore import xform_name

    if "cli" not in drivers:
        drivers["cli"] = create_clidriver()
    arguments = [service, xform_name(operation, "-"), "--endpoint-url", given["endpoint"], "--output", "json"]
    arguments += ["--cli-input-json", json.dumps(parameters)]
    if drivers["cli"].session.get_service_model(service).operation_model(operation).name in paginated(service):
        arguments.append("--no-paginate")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = drivers["cli"].main(arguments)
    if code == 0:
        return json.loads(out.getvalue() or "{}")
    found = re.search(r"\((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", err.getvalue(), re.S)
    if found is None:
        raise RuntimeError(err.getvalue())
    raise Refused(found[1], found[2].strip())


def paginated(service):
    from botocore.exceptions import DataNotFoundError

    try:
        return drivers["cli"].session.get_paginator_model(service)._paginator_config
    except DataNotFoundError:
        return {}


call = {"boto3": call_boto3, "cli": call_cli}[sys.argv[1]]
saved = {}


def filled(value):
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$\{(\w+)\}", value)
    return saved[whole[1]] if whole else re.sub(r"\$\{(\w+)\}", lambda found: saved[found[1]], value)


def at(answer, path):
    for part in path.split("."):
        answer = answer[part]
    return answer


def take(step):
    if "mail" in step:
        saved[step["mail"]] = json.load(urllib.request.urlopen(given["mail"]))["secret"]
        return {}
    if "upload" in step:
        upload = filled(step["upload"])
        row = [upload["row"].get(column, "") for column in upload["columns"]]
        body = f'{",".join(upload["columns"])}\n{",".join(row)}\n'.encode()
        headers = {"x-amz-server-side-encryption": "aws:kms"}
        request = urllib.request.Request(upload["url"], data=body, method="PUT", headers=headers)
        return {"status": urllib.request.urlopen(request).status}
    until = step.get("until")
    ends = time.monotonic() + 20
    while True:
        answer = call(step.get("service", "cognito-idp"), step["operation"], filled(step["parameters"]))
        if until is None or at(answer, until["path"]) == until["value"] or time.monotonic() > ends:
            break
    for name, path in step.get("save", {}).items():
        saved[name] = at(answer, path)
    return answer


def is_known(step):
    """Whether the installed botocore has the operation: the newest are not in it."""
    from botocore.session import get_session

    service = step.get("service", "cognito-idp")
    if service not in known:
        known[service] = set(get_session().get_service_model(service).operation_names)
    return "operation" not in step or step["operation"] in known[service]


known = {}
unknown = []
transcript = []
for step in given["steps"]:
    if not is_known(step):
        unknown.append(step["operation"])
        continue
    try:
        transcript.append({"name": step["name"], "answer": take(step)})
    except Refused as refused:
        transcript.append({"name": step["name"], "error": refused.details})
    except KeyError as missing:
        transcript.append({"name": step["name"], "error": {"type": "NotTried", "message": f"without {missing}"}})

print(json.dumps({"transcript": transcript, "violations": violations, "unknown": unknown}, default=str))
