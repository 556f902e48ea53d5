"""The environment: which distributions a fresh installation of the declared test dependencies brings.

One room for each family of files says which sets of requirements they declare (`sets`); `sources` knows which
files count and follows what the sets include; `environment` answers yes, no or unknown.
"""

from precollect.reading.environment.environment import Environment, Presence, read
from precollect.reading.environment.sets import Declared

__all__ = ["Declared", "Environment", "Presence", "read"]
