"""`python -m contest_service.cli`, for where the console script is not at hand."""

import sys

from contest_service.cli import main

if __name__ == "__main__":
    sys.exit(main())
