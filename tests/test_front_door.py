"""The front door gives functions and classes, whatever was imported before."""

import subprocess
import sys

import headframe as hf


def test_names_of_the_front_door_are_what_they_say():
    code = (
        "import headframe.report.terminal, headframe.studies.compare, headframe.apps.demo\n"
        "import headframe as hf\n"
        "print(all(callable(getattr(hf, n)) for n in hf.__all__ if n[0] != '_'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_every_tenant_is_at_the_front_door():
    assert {"GBM", "Levered", "Mine", "Delever", "History"} <= set(dir(hf))
    assert hf.GBM(name="eth_usd", start=1.0, volatility=0.1).publishes == ("eth_usd",)


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(hf, "Nonsense")
