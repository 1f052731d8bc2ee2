"""
What borrowing costs and lending earns, from how much of a pool is lent.

`KinkedRate` is the curve of Compound and Aave: gentle up to a kink, steep above it. `AdaptiveRate`
is Morpho's: the curve is fixed in shape and moves up while more than the target is lent, down while
less is. Both publish simple yearly rates, `_borrow_apr` and `_supply_apr` under the process's own
name, to be charged over the step that ends now.
"""

from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from headframe.kernels import rates as kernel
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.processes.names import quantities
from headframe.types import (
    STRICT,
    Block,
    Duration,
    Name,
    NonNegative,
    Positive,
    Proper,
    Rows,
    ShareSignal,
    Signal,
)

InnerShare = Annotated[float, Field(gt=0.0, lt=1.0)]
"""A share strictly between 0 and 1."""
Steepness = Annotated[float, Field(gt=1.0)]
"""How many times the rate at target is asked at full utilisation."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KinkedRate:
    """
    Borrow and supply rate of a curve with one kink.

        borrow = base + slope1 u / kink                              up to the kink
        borrow = base + slope1 + slope2 (u - kink) / (1 - kink)      above
        supply = borrow u (1 - reserve_factor)

    >>> KinkedRate(name="usdc", utilisation="usdc_pool_utilisation", base_apr=0.0,
    ...            slope1_apr=0.055, slope2_apr=0.4, kink=0.92, reserve_factor=0.1).publishes
    ('usdc_borrow_apr', 'usdc_supply_apr')
    """

    kind: ClassVar[str] = "kinked_rate"
    name: Name
    utilisation: ShareSignal
    base_apr: NonNegative = 0.0
    slope1_apr: NonNegative
    slope2_apr: NonNegative
    kink: InnerShare
    reserve_factor: Proper = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ()
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @property
    def publishes(self) -> Rows:
        """Borrow and supply rate."""
        return quantities(self.name, "borrow_apr", "supply_apr")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """How much is lent."""
        return (self.utilisation,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        return record(
            base_apr=self.base_apr,
            slope1_apr=self.slope1_apr,
            slope2_apr=self.slope2_apr,
            kink=self.kink,
            reserve_factor=self.reserve_factor,
            utilisation=layout.row(self.utilisation),
            borrow=layout.row(self.publishes[0]),
            supply=layout.row(self.publishes[1]),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Rates of the opening's utilisation."""
        kernel.kinked(now.world.data, state.wire)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Rates of the utilisation of now."""
        kernel.kinked(now.world.data, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AdaptiveRate:
    """
    Borrow and supply rate of Morpho's adaptive curve, to the contract's own arithmetic in floats.

    At the `target` utilisation borrowers pay `start_target_apr`; at full utilisation `steepness`
    times that, at none a `steepness`-th. The rate at target grows by a factor exp(speed err) a
    year, err from -1 (nothing lent) to 1 (everything lent), within `least_apr` and `most_apr`.
    Defaults are the deployed contract's. Source: morpho-blue-irm, AdaptiveCurveIrm; utilisation is
    taken to have stood at its value of now over the whole step, as the contract takes it between
    two interactions. Also publishes `_target_apr`, the rate at target.

    >>> AdaptiveRate(name="usdc", utilisation=0.9).publishes
    ('usdc_borrow_apr', 'usdc_supply_apr', 'usdc_target_apr')
    """

    kind: ClassVar[str] = "adaptive_rate"
    name: Name
    utilisation: ShareSignal
    start_target_apr: Positive = 0.04
    target: InnerShare = 0.9
    steepness: Steepness = 4.0
    speed_per_year: NonNegative = 50.0
    least_apr: Positive = 0.001
    most_apr: Positive = 2.0
    reserve_factor: Proper = 0.0
    every_s: Duration | None = None

    fields: ClassVar[Rows] = ("target_apr",)
    reads_before: ClassVar[Rows] = ()
    normals: ClassVar[Rows] = ()
    uniforms: ClassVar[Rows] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "AdaptiveRate":
        if not self.least_apr <= self.start_target_apr <= self.most_apr:
            raise ValueError("start_target_apr must lie between least_apr and most_apr")
        return self

    @property
    def publishes(self) -> Rows:
        """Borrow and supply rate, and the rate at target."""
        return quantities(self.name, "borrow_apr", "supply_apr", "target_apr")

    @property
    def reads(self) -> tuple[Signal, ...]:
        """How much is lent."""
        return (self.utilisation,)

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """The curve, and rows."""
        return record(
            target=self.target,
            steepness=self.steepness,
            speed=self.speed_per_year,
            least_apr=self.least_apr,
            most_apr=self.most_apr,
            reserve_factor=self.reserve_factor,
            utilisation=layout.row(self.utilisation),
            borrow=layout.row(self.publishes[0]),
            supply=layout.row(self.publishes[1]),
            at_target=layout.row(self.publishes[2]),
        )

    def open(self, state: Block, now: Tick) -> None:
        """Rates before any time has passed."""
        state["target_apr"] = self.start_target_apr
        kernel.adaptive(state.data, now.world.data, 0.0, state.wire)

    def step(self, state: Block, before: Tick, now: Tick) -> None:
        """Adapt over one step."""
        kernel.adaptive(state.data, now.world.data, now.dt_s, state.wire)

    def expectation(self, t_s: float) -> dict[str, float]:
        """None in closed form."""
        return {}
