"""The JSON Schemas of what a storefront sends and reads (docs/schemas): made from the code that reads and writes it.

Draft 2020-12. Objects may have keys that a schema does not know: keys are added, and never renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from saleor_amazonpay.amazon.mws.wire import MwsWire, Widgets
from saleor_amazonpay.domain.outcome import Retry
from saleor_amazonpay.flows.session_codes import SESSION_CODES, Answer
from saleor_amazonpay.saleor.session_answer import GatewayOffer, GatewayRefusal, SessionAnswer
from saleor_amazonpay.saleor.session_data import PageData, SessionData

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SESSION_ANSWERS = (Answer.SUCCESS, Answer.REQUEST, Answer.ACTION_REQUIRED, Answer.FAILURE)
_RETRY = {
    Retry.NEVER: "nothing may follow",
    Retry.CHANGE_METHOD: "another attempt, after the buyer has chosen another payment method",
    Retry.NEW_ATTEMPT: "another attempt at once, as it is",
    Retry.AFTER_PAUSE: "another attempt after a pause",
    Retry.ASYNCHRONOUSLY: "another attempt at once, for which Amazon takes its time",
    Retry.NEW_AGREEMENT: "another attempt on another agreement",
}
_SUPPORT = {
    "type": "object",
    "properties": {
        "phone": {"type": "string", "description": "the profile's customer service number"},
        "email": {"type": "string", "description": "the profile's customer service e-mail, if it has one"},
    },
    "required": ["phone"],
}


def schemas() -> dict[str, Schema]:
    """Every schema by its file name without `.json`."""
    return {
        "session-data": _sent(
            "session-data",
            SessionData,
            "`data` of transactionInitialize and transactionProcess, as the storefront sends it",
        ),
        "session-answer": _session_answer(),
        "gateway-data": _sent(
            "gateway-data", PageData, "`data` of paymentGatewayInitialize, as the storefront sends it"
        ),
        "gateway-answer": _gateway_answer(),
    }


def write(folder: Path) -> list[Path]:
    """Write the schemas into a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, schema in schemas().items():
        file = folder / f"{name}.json"
        file.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        files.append(file)
    return files


def _headed(name: str, title: str, schema: Schema, definitions: dict[str, Schema]) -> Schema:
    head = {"$schema": _DRAFT, "$id": f"urn:saleor-amazonpay:{name}", "title": title, **schema}
    return {**head, "$defs": definitions} if definitions else head


def _components(*types: type) -> dict[str, Schema]:
    _, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    found: dict[str, Schema] = _portable(components)
    return found


def _portable(value: Any) -> Any:
    r"""Every validator's regular expressions, not only Python's: `\Z` is unknown elsewhere."""
    if isinstance(value, dict):
        return {
            key: each.replace(r"\Z", "$") if key == "pattern" and isinstance(each, str) else _portable(each)
            for key, each in value.items()
        }
    return [_portable(each) for each in value] if isinstance(value, list) else value


def _codes(answers: Iterable[Answer]) -> Schema:
    wanted = set(answers)
    return {
        "description": "what happened; `x-remedy` says what the shop does about it",
        "oneOf": [
            {
                "const": code,
                "description": known.meaning,
                "x-remedy": known.remedy,
                "x-answers": [each.value for each in known.answers],
            }
            for code, known in SESSION_CODES.items()
            if wanted & set(known.answers)
        ],
    }


def _sent(name: str, shape: type[msgspec.Struct], title: str) -> Schema:
    definitions = _components(shape)
    for properties in (each["properties"] for each in definitions.values()):
        for key, value in properties.items():
            properties[key] = _optional(value)
    definitions["Recurring"]["properties"]["amount"] = {
        "description": "what each later charge comes to, if that is always the same, in the transaction's currency: a"
        " JSON number, or its text",
        "type": ["number", "string", "null"],
        "minimum": 0,
        "pattern": r"^[0-9]+(\.[0-9]+)?$",
    }
    return _headed(name, title, {"oneOf": [{"type": "null"}, {"$ref": f"#/$defs/{shape.__name__}"}]}, definitions)


def _optional(value: Schema) -> Schema:
    """A key that may be left out says so by not being required; a default of null adds nothing."""
    return {name: each for name, each in value.items() if not (name == "default" and each is None)}


def _session_answer() -> Schema:
    definitions = _components(SessionAnswer)
    properties = definitions["SessionAnswer"]["properties"]
    properties["code"] = _codes(_SESSION_ANSWERS)
    properties["retry"] = {
        "description": properties["retry"]["description"],
        "oneOf": [{"const": each.value, "description": text} for each, text in _RETRY.items()],
    }
    properties["support"] = {**_SUPPORT, "description": properties["support"]["description"]}
    for value in properties.values():
        value.pop("default", None)
    title = "`data` of the answer to transactionInitialize and transactionProcess"
    return _headed("session-answer", title, {"$ref": "#/$defs/SessionAnswer"}, definitions)


def _gateway_answer() -> Schema:
    definitions = _components(GatewayOffer, GatewayRefusal, Widgets)
    definitions["GatewayOffer"]["allOf"] = [
        {
            "if": {"properties": {"wire": {"const": MwsWire.name}}},
            "then": {"properties": {"amazon": {"$ref": "#/$defs/Widgets"}}},
        }
    ]
    offer, refusal = (definitions[name]["properties"] for name in ("GatewayOffer", "GatewayRefusal"))
    offer["available"], refusal["available"] = {"const": True}, {"const": False}
    offer["support"] = {**_SUPPORT, "description": offer["support"]["description"]}
    refusal["code"] = _codes((Answer.UNAVAILABLE,))
    return _headed(
        "gateway-answer",
        "`data` of the answer to paymentGatewayInitialize",
        {"oneOf": [{"$ref": "#/$defs/GatewayOffer"}, {"$ref": "#/$defs/GatewayRefusal"}]},
        definitions,
    )
