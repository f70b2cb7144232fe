"""HTML pages of one file, which need nothing from anywhere else.

Their policy lets no script run and no style hold but their own, by their hashes, and nothing be
fetched.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping


def single_page(template: str, style: str, script: str, values: Mapping[str, str]) -> str:
    """A page: `{{name}}` in the template is replaced by a value, which is HTML already."""
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    policy = html.escape(policy, quote=False)
    return _filled(template, {**values, "policy": policy, "style": style, "script": script})


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _filled(template: str, values: Mapping[str, str]) -> str:
    # In one go, so that what is filled in is not looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)
