"""The example books: beside the package when installed, in the repository when checked out."""

from pathlib import Path

import headframe
from headframe.errors import InputError


def examples_folder() -> Path:
    """The folder that holds the example books."""
    package = Path(headframe.__file__).parent
    inside = package / "examples"
    return inside if inside.is_dir() else package.parents[1] / "examples"


def example_names() -> list[str]:
    """Names of the examples."""
    return sorted(path.stem for path in examples_folder().glob("*.toml"))


def example_path(name: str) -> Path:
    """The file of an example."""
    path = examples_folder() / f"{name}.toml"
    if name not in example_names():
        raise InputError("example", name, f"one of {', '.join(example_names())}")
    return path


def example_text(name: str) -> str:
    """The text of an example."""
    return example_path(name).read_text(encoding="utf-8")
