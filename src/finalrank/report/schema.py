"""The JSON Schema of the summary."""

from __future__ import annotations

import json
from typing import Any

from pydantic import Field, create_model

from finalrank.report.model import Report


def json_schema() -> str:
    """Return the JSON Schema (draft 2020-12) of the summary."""
    from finalrank.evidence import model as results

    told = Report.model_fields["evidence"].description
    field: Any = (results.Evidence | None, Field(None, description=told))
    whole = create_model("Report", __base__=Report, __doc__=Report.__doc__, evidence=field)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(schema | whole.model_json_schema(mode="serialization"), indent=2) + "\n"
