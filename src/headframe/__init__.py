"""
headframe: the open quant desk for crypto mining.

    import headframe as hf
    hf.run(hf.load("book.toml"), n_paths=100_000).report()

Whatever a book can say can be built here: `hf.Book`, `hf.Model`, and every kind of process,
position, policy and venue by its class name. Everything is loaded when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headframe.apps.books import load_book as load
    from headframe.book import Book as Book
    from headframe.book_file import book_from_toml as book_from_toml
    from headframe.place import House as House
    from headframe.place import Place as Place
    from headframe.report.answer import Answer as Answer
    from headframe.report.answer import run as run
    from headframe.scenarios.model import Model as Model
    from headframe.scenarios.stress import Shock as Shock
    from headframe.studies.compare import compare as compare
    from headframe.studies.trace import trace as trace

__version__ = "0.1.0"

_FRONT = {
    "Answer": "headframe.report.answer:Answer",
    "Book": "headframe.book:Book",
    "House": "headframe.place:House",
    "Model": "headframe.scenarios.model:Model",
    "Place": "headframe.place:Place",
    "Shock": "headframe.scenarios.stress:Shock",
    "book_from_toml": "headframe.book_file:book_from_toml",
    "compare": "headframe.studies.compare:compare",
    "load": "headframe.apps.books:load_book",
    "run": "headframe.report.answer:run",
    "trace": "headframe.studies.trace:trace",
}
_TENANTS = ("processes", "venues", "positions", "policies", "scenarios")

__all__ = [
    "Answer",
    "Book",
    "House",
    "Model",
    "Place",
    "Shock",
    "__version__",
    "book_from_toml",
    "compare",
    "load",
    "run",
    "trace",
]


def __getattr__(name: str) -> Any:
    value = _load(_FRONT[name]) if name in _FRONT else _tenant(name)
    globals()[name] = value
    return value


def _tenant(name: str) -> Any:
    for folder in _TENANTS:
        for target in import_module(f"headframe.{folder}").BUILT_IN.values():
            if target.endswith(f":{name}"):
                return _load(target)
    raise AttributeError(f"module 'headframe' has no attribute {name!r}")


def _load(target: str) -> Any:
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    tenants = [
        target.partition(":")[2]
        for folder in _TENANTS
        for target in import_module(f"headframe.{folder}").BUILT_IN.values()
    ]
    return sorted([*__all__, *tenants])
