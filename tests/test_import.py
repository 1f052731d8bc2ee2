"""The package and its help are light: heavy libraries load where they are used."""

import subprocess
import sys

HEAVY = (
    "numpy",
    "scipy",
    "numba",
    "llvmlite",
    "pydantic",
    "plotly",
    "duckdb",
    "distributed",
    "pandas",
)


def loaded(statement):
    names = "' '.join({name.split('.')[0] for name in sys.modules})"
    code = f"import sys\n{statement}\nprint({names})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_loads_nothing_heavy():
    assert not loaded("import headframe") & {*HEAVY, "typer", "rich"}


def test_help_loads_nothing_heavy():
    statement = (
        "from headframe.apps import cli\n"
        "try:\n    cli.app(['--help'])\nexcept SystemExit:\n    pass"
    )
    assert not loaded(statement) & set(HEAVY)


def test_the_check_can_fail():
    assert "numpy" in loaded("import numpy")
