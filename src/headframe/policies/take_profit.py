"""Close a position once it, or a price, has risen far enough: the gain that one is content with."""

from typing import Any, ClassVar

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.layout import Layout
from headframe.policy import Orders, View
from headframe.position import Order
from headframe.process import Tick
from headframe.types import STRICT, Array, Block, Delay, Duration, Name, Positive, Rows, Signal


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TakeProfit:
    """
    Close where the position's equity, or the observable `price`, stands above a level.

    The level is `above`, or a share `gain` over the value at the opening.

    >>> TakeProfit(name="target", position="lp", price="eth_usd", above=5_000.0).reads
    ('eth_usd',)
    """

    kind: ClassVar[str] = "take_profit"
    name: Name
    position: Name
    price: Name | None = None
    gain: Positive | None = None
    above: Positive | None = None
    lag_s: Delay = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("reference",)
    trades: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _one_level(self) -> "TakeProfit":
        if (self.gain is None) == (self.above is None):
            raise ValueError("give either gain (a share) or above (a level)")
        return self

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The price, where one is watched."""
        return () if self.price is None else (self.price,)

    @property
    def needs(self) -> tuple[tuple[str, Rows, Rows], ...]:
        """The position that it closes."""
        return ((self.position, ("equity",), ("close",)),)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Nothing to resolve."""

    def open(self, state: Block, view: View, now: Tick) -> None:
        """The value at the opening."""
        state["reference"] = self._watched(view, now)

    def decide(self, state: Block, view: View, now: Tick) -> Orders:
        """Close what is open and above its level."""
        value = self._watched(view, now)
        level: float | Array = self.above or 0.0
        if self.gain is not None:
            level = (1.0 + self.gain) * state["reference"]
        mask = (value > level) & (view.gauge(self.position, "equity") != 0.0)
        return (Order(position=self.position, verb="close", mask=mask),) if mask.any() else ()

    def _watched(self, view: View, now: Tick) -> Array:
        return view.gauge(self.position, "equity") if self.price is None else now[self.price]
