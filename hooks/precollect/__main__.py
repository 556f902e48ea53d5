"""`python -m precollect`."""

from precollect.cli import main

raise SystemExit(main())
