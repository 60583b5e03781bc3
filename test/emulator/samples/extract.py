"""Prints which members AWS's published samples of Cognito's answers have, and of which JSON type.

The samples are the AWS CLI's own (awscli/examples/cognito-idp). Only these facts are kept, not the samples:
{"AdminGetUser": {"UserStatus": "string", "UserAttributes[].Name": "string", ...}, ...}.
"""

import json
import os
import re

import awscli
import botocore.session
from botocore import xform_name

FOLDER = os.path.join(os.path.dirname(awscli.__file__), "examples", "cognito-idp")
TYPES = {bool: "boolean", str: "string", int: "number", float: "number", type(None): "null"}


def outputs_of(text):
    """The sample answers that are shown whole, and are JSON."""
    for part in re.split(r"\n(?=\*\*)", text):
        command, *blocks = re.split(r"\nOutput:+ *\n", part)
        if "--query" in command:
            continue
        for block in blocks:
            indented = re.match(r"(?:[ \t].*\n?|[ \t]*\n)*", block)[0]
            try:
                yield json.loads(indented)
            except json.JSONDecodeError:
                continue


def members_of(value, path=""):
    if isinstance(value, dict):
        for name, member in value.items():
            yield from members_of(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from members_of(item, f"{path}[]")
    else:
        yield path, TYPES[type(value)]


operations = {
    f"{xform_name(name, '-')}.rst": name
    for name in botocore.session.get_session().get_service_model("cognito-idp").operation_names
}
facts = {}
for file in sorted(os.listdir(FOLDER)):
    with open(os.path.join(FOLDER, file), encoding="utf8") as sample:
        outputs = list(outputs_of(sample.read()))
    members = {path: type for output in outputs for path, type in members_of(output)}
    if members and file in operations:
        facts[operations[file]] = dict(sorted(members.items()))

print(json.dumps(dict(sorted(facts.items())), indent=1))
