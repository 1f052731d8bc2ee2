"""`headframe calibrate`: a fitted process as a fragment of TOML."""

from pathlib import Path

from headframe.studies.calibrate import calibrate


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
