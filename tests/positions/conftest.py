"""Let the tests find the stage on which books are played."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "stage"), str(Path(__file__).parent)]
