"""Prints the README's command that installs the test dependencies and passes the tests."""

import re
import sys
from pathlib import Path

fences = re.findall(r"```(?:sh|console)\n(.*?)```", Path(sys.argv[1]).read_text(), re.DOTALL)
lines = [line for fence in fences for line in fence.splitlines()]
(command,) = [line.removeprefix("$ ") for line in lines if "pytest" in line and "[test]" in line]
print(command)
