"""`python -m precollect`."""

import os
import sys

# `-m` makes modules of the current folder importable; what lies there is what we judge, and is never run.
if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from precollect.scripts import precollect

precollect()
