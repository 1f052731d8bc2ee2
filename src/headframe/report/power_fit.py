"""A fitted price of power beside rows that it has not seen, as remarks of a TOML file."""

from headframe.studies.power_fit import PowerFitReport

WIDTH = 30
"""Characters of a statistic's name."""


def power_fit_text(told: PowerFitReport) -> str:
    """The fragment, and below it, as lines that begin with #, how the model compares."""
    lines = [
        "#",
        f"# fitted to rows before {told.split}, compared with the rows from then on;",
        "# the model's mean over its paths, and the band of nine paths in ten",
        f"# {'':{WIDTH}}{'earlier':>9}{'later':>9}{'model':>9}{'5 %':>9}{'95 %':>9}",
    ]
    for name, values in told.statistics.items():
        numbers = "".join(
            f"{value:9.3f}" if abs(value) < 10 else f"{value:9.1f}" for value in values
        )
        lines.append(f"# {name.replace('_', ' '):{WIDTH}}{numbers}")
    lines += [f"# not told: {remark}" for remark in told.remarks]
    return told.fitted.toml() + "\n".join(lines) + "\n"
