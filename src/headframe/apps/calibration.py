"""`headframe calibrate`: a fitted process as a fragment of TOML."""

from pathlib import Path

from headframe.studies.calibrate import calibrate
from headframe.studies.power_fit import PowerFitReport, power_fit


def calibrated_toml(
    table: Path,
    *,
    column: str,
    process: str = "gbm",
    name: str | None = None,
    time: str | None = None,
    since: str | None = None,
    until: str | None = None,
    utc_offset_h: float = 0.0,
) -> str:
    """The fragment; see `headframe.studies.calibrate.calibrate` for what may be given."""
    fitted = calibrate(
        table,
        column=column,
        process=process,
        name=name,
        time=time,
        since=since,
        until=until,
        utc_offset_h=utc_offset_h,
    )
    return fitted.toml()


def power_report(
    table: Path,
    *,
    column: str,
    split: str | None = None,
    name: str | None = None,
    time: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> PowerFitReport:
    """A fit of power on earlier rows against later ones; see `headframe.studies.power_fit`."""
    return power_fit(
        table, column=column, split=split, name=name, time=time, since=since, until=until
    )
