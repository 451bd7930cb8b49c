"""``python -m bntheory`` is the console entry ``bntheory``."""

import sys

from bntheory.cli import main

sys.exit(main())
