"""Let the laws find the samples and the tenants that stand beside them, and the stage."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stage")]
