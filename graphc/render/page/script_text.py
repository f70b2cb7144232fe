"""The one place where JSON becomes text inside a `<script>` element."""

from __future__ import annotations

import json
from typing import Any

# A script's text ends at "</script" and changes its meaning at "<!--"; the two line separators end
# a line in old JavaScript. JSON has these characters inside strings only, where escapes mean the same.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def script_json(data: Any) -> str:
    """Data as JSON that can stand inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a character cannot be written as UTF-8; its escape can.
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.translate(_ESCAPES)
