"""Python files, read and never run: `scan` looks at the bytes, fast; `read` parses, exactly.

Import them from `precollect.reading.python.scan` and `precollect.reading.python.module` (which imports `ast`);
what they return is described in `precollect.reading.python.facts`.
"""
