"""The messages of the Jupyter messaging protocol 5.5 as JSON schemas, stricter than the published ones.

The published ones, those of jupyter_kernel_test, are asked as well. The fields here, their types and their channels are
those of "Messaging in Jupyter" in the documentation of jupyter_client, and of the Jupyter enhancement proposals 65
(iopub_welcome) and 91 (subshells). A field that is not listed is an error, so that nothing is sent which clients do
not expect; integers are integers.
"""

import json

import jsonschema
from jupyter_kernel_test import msgspec_v5

TEXT = {"type": "string"}
WHOLE = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
OBJECT = {"type": "object"}
LINES = {"type": "array", "items": TEXT}
# Formats whose content is JSON are sent as JSON; all others as text, binary ones in base64.
BUNDLE = {
    "type": "object",
    "patternProperties": {r"^[\w.+-]+/([\w.-]+\+)?json$": {}, r"^[\w.+-]+/(?!([\w.-]+\+)?json$)[\w.+-]+$": TEXT},
    "additionalProperties": False,
}


def fields(optional=None, **required):
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def one_of(*values):
    return {"enum": list(values)}


OK = one_of("ok")
ERROR = {"status": one_of("error"), "ename": TEXT, "evalue": TEXT, "traceback": LINES}
EXPRESSION = {"oneOf": [fields(status=OK, data=BUNDLE, metadata=OBJECT), fields(**ERROR)]}
EXECUTED = {
    "execution_count": WHOLE,
    "user_expressions": {"type": "object", "additionalProperties": EXPRESSION},
    "payload": {
        "type": "array",
        "items": {
            "oneOf": [
                fields(source=one_of("page"), data=BUNDLE, start=WHOLE),
                fields(source=one_of("set_next_input"), text=TEXT, replace=FLAG),
            ]
        },
    },
}
CELL = {"type": "array", "prefixItems": [WHOLE, WHOLE], "minItems": 3, "maxItems": 3}
HISTORY = {
    "type": "array",
    "items": {
        "oneOf": [
            {**CELL, "prefixItems": [WHOLE, WHOLE, TEXT]},
            {
                **CELL,
                "prefixItems": [WHOLE, WHOLE, {
                    "type": "array",
                    "prefixItems": [TEXT, {"type": ["string", "null"]}],
                    "minItems": 2,
                    "maxItems": 2,
                }],
            },
        ]
    },
}
PORTS = {f"{channel}_port": WHOLE for channel in ("shell", "iopub", "stdin", "control", "hb")}
LANGUAGE = fields(
    name=TEXT, version=TEXT, mimetype=TEXT, file_extension=TEXT, pygments_lexer=TEXT,
    codemirror_mode={"type": ["string", "object"]}, nbconvert_exporter=TEXT,
)
DISPLAY = {"data": BUNDLE, "metadata": OBJECT}
COMM = {"comm_id": TEXT, "data": OBJECT}

# By channel and type. Every reply but execute_reply may be an error instead, and is_complete_reply has no "ok".
CONTENT = {
    "shell": {
        "execute_reply": {"oneOf": [
            fields(status=OK, **EXECUTED), fields(**ERROR, **EXECUTED), fields(status=one_of("aborted")),
        ]},
        "inspect_reply": fields(status=OK, found=FLAG, **DISPLAY),
        "complete_reply": fields(status=OK, matches=LINES, cursor_start=WHOLE, cursor_end=WHOLE, metadata=fields({
            "_jupyter_types_experimental": {"type": "array", "items": fields(
                start=WHOLE, end=WHOLE, text=TEXT, type=TEXT, signature=TEXT)},
        })),
        "history_reply": fields(status=OK, history=HISTORY),
        "is_complete_reply": {"oneOf": [
            fields(status=one_of("complete", "invalid", "unknown")),
            fields(status=one_of("incomplete"), indent=TEXT),
        ]},
        "comm_info_reply": fields(status=OK, comms={
            "type": "object", "additionalProperties": fields(target_name=TEXT)}),
    },
    "control": {
        "interrupt_reply": fields(status=OK),
        # A failure in the words of the Debug Adapter Protocol, and of Jupyter.
        "debug_reply": fields(type=one_of("response"), request_seq=WHOLE, success=one_of(False), command=TEXT, message=TEXT, **ERROR),
        "create_subshell_reply": fields(status=OK, subshell_id=TEXT),
        "delete_subshell_reply": fields(status=OK),
        "list_subshell_reply": fields(status=OK, subshell_id=LINES),
    },
    "iopub": {
        "iopub_welcome": fields(subscription=TEXT),
        "status": fields(execution_state=one_of("busy", "idle", "starting")),
        "stream": fields(name=one_of("stdout", "stderr"), text={**TEXT, "minLength": 1}),
        "display_data": fields(**DISPLAY, transient=fields({"display_id": TEXT})),
        "update_display_data": fields(**DISPLAY, transient=fields(display_id=TEXT)),
        "clear_output": fields(wait=FLAG),
        "execute_input": fields(code=TEXT, execution_count=WHOLE),
        "execute_result": fields(execution_count=WHOLE, **DISPLAY),
        "error": fields(ename=TEXT, evalue=TEXT, traceback=LINES),
        "comm_open": fields({"target_module": {"type": ["string", "null"]}}, target_name=TEXT, **COMM),
        "comm_msg": fields(**COMM),
        "comm_close": fields(**COMM),
    },
    "stdin": {"input_request": fields(prompt=TEXT, password=FLAG)},
}
EITHER = {
    "kernel_info_reply": fields(
        status=OK, protocol_version={"type": "string", "pattern": r"^5\.\d+$"}, implementation=TEXT,
        implementation_version=TEXT, language_info=LANGUAGE, banner=TEXT, debugger=FLAG,
        help_links={"type": "array", "items": fields(text=TEXT, url=TEXT)}, supported_features=LINES,
    ),
    "shutdown_reply": fields(status=OK, restart=FLAG),
    "connect_reply": fields(status=OK, **PORTS),
    "history_reply": CONTENT["shell"]["history_reply"],
    "comm_info_reply": CONTENT["shell"]["comm_info_reply"],
}
CONTENT["shell"].update(EITHER)
CONTENT["control"].update(EITHER)
CONTENT["iopub"]["shutdown_reply"] = EITHER["shutdown_reply"]

DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}
HEADER = fields(msg_id={**TEXT, "minLength": 1}, session={**TEXT, "minLength": 1}, username=TEXT, date=DATE,
                msg_type=TEXT, version={"type": "string", "pattern": r"^5\.\d+$"})

METADATA = {
    "execute_reply": fields({"started": DATE, "status": one_of("aborted")}),
    "comm_open": fields({"version": TEXT}),  # of the protocol of ipywidgets
    "comm_msg": fields({"version": TEXT}),
}


def check(channel, header, parent, metadata, content):
    """Raises a jsonschema.ValidationError when a message, as its frames have it, is not what it should be."""
    header, parent, metadata, content = map(json.loads, (header, parent, metadata, content))
    validate(header, HEADER)
    kind = header["msg_type"]
    schema = CONTENT[channel].get(kind)
    if schema is None:
        raise jsonschema.ValidationError(f"{kind} does not belong on {channel}")
    if kind.endswith("_reply") and kind != "execute_reply":
        schema = {"oneOf": [schema, fields(**ERROR)]}
    validate(content, schema)
    validate(metadata, METADATA.get(kind, fields()))
    if not isinstance(parent, dict) or (kind.endswith("_reply") and not parent.get("msg_id")):
        raise jsonschema.ValidationError(f"{kind} has the parent {parent!r}")
    published(header, parent, metadata, content)
    return header, parent, metadata, content


def published(header, parent, metadata, content):
    """Holds a message against the schemas of jupyter_kernel_test, where these agree with the specification."""
    kind = header["msg_type"]
    if kind not in msgspec_v5.schema_fragments:  # comms, subshells, iopub_welcome
        return
    if content.get("status") == "aborted":  # which it does not know
        return
    if kind == "input_request":
        content = {**content, "password": int(content["password"])}  # it wants a number, the specification a boolean
    message = {"header": header, "parent_header": parent, "metadata": metadata, "content": content, "buffers": []}
    msgspec_v5.validate_message(message, kind, parent.get("msg_id"))


def validate(value, schema):
    # The error's own text would repeat the whole schema.
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise jsonschema.ValidationError(f"{error.message}, at {error.json_path} of {json.dumps(value)[:2000]}")
