"""
A pool of synthetic assets whose minters owe one common debt, with our own size in it.

Everybody who minted owes a share of the value of all synths: whoever holds one that rises makes
all others owe more. The others' amounts of each synth come from observables, ours from the
positions in the pool. Prices move the debt per share and nothing else does: minting and burning
come with shares at today's price, trading one synth for another at the oracle's price changes no
value. Where a position of ours is liquidated its shares go and its debt stays: the others owe it.

    debt per share = sum(amount x price) / all shares          the dollar's synth counts as a dollar

Source: Synthetix, SIP-185 (debt shares); the integers stand in `exact/synthetix_debt_pool.py`.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import model_validator
from pydantic.dataclasses import dataclass

from headframe.errors import InputError
from headframe.layout import Layout, record
from headframe.process import Tick
from headframe.types import (
    STRICT,
    Array,
    Block,
    Name,
    NonNegativeSignal,
    Proper,
    Rows,
    Signal,
)
from headframe.units import DAY_S, YEAR_S

SMALLEST_DEBT = 1e-9
"""The least debt of a pool in dollars: below it, shares of it mean nothing."""
LARGEST_BURN = 0.5
"""The largest share of a debt that one step's fees may burn: more is no fee."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DebtPool:
    """
    A debt pool by its composition.

    `synths` are the others' amounts of each synth in whole units, by the asset that it follows;
    `usd_synth` among them is the dollar's, worth a dollar to the pool whatever its market says.
    `volume_usd` is what is traded a day for `fee`, which all who owe share: `burned`, so that the
    debt shrinks, or `claimed` by those who keep the ratio of issuance. `rewards_per_year` are
    tokens shared likewise. Publishes `_debt_per_share`, `_total_debt_usd`, `_fee_apr` (fees to be
    claimed a year over the debt), `_burned_share` (of the debt, in the last step),
    `_rewards_per_share`, `_own_share` and, for each synth, `_<asset>_per_debt`: units of it behind
    a dollar of debt.

    >>> pool = DebtPool(name="snx_pool", synths={"susd": 6e7, "eth": 1e4})
    >>> pool.publishes[-2:]
    ('snx_pool_susd_per_debt', 'snx_pool_eth_per_debt')
    """

    kind: ClassVar[str] = "debt_pool"
    name: Name
    synths: dict[Name, Signal]
    usd_synth: Name = "susd"
    volume_usd: NonNegativeSignal = 0.0
    fee: Proper = 0.003
    fees: Literal["burned", "claimed"] = "burned"
    rewards_per_year: NonNegativeSignal = 0.0

    fields: ClassVar[Rows] = ("others_shares", "debt_per_share")

    @model_validator(mode="after")
    def _has_dollars(self) -> "DebtPool":
        if self.usd_synth not in self.synths:
            raise ValueError(
                f"synths must name an amount of {self.usd_synth}, the synth that is minted"
            )
        negative = [a for a, q in self.synths.items() if isinstance(q, float) and q < 0.0]
        if negative:
            raise ValueError(f"synths.{negative[0]} is below 0: the others cannot hold less")
        return self

    @property
    def publishes(self) -> Rows:
        """Debt per share, debt, fees, rewards, our share; then the composition."""
        names = (*PUBLISHED, *(f"{asset}_per_debt" for asset in self.synths))
        return tuple(f"{self.name}_{leaf}" for leaf in names)

    @property
    def reads(self) -> tuple[Signal, ...]:
        """The others' synths, their trading, and the rewards."""
        return (*self.synths.values(), self.volume_usd, self.rewards_per_year)

    @property
    def gathers(self) -> Rows:
        """Our shares, and what there is of each synth because of us."""
        return ("debt_shares", *(f"minted_{asset}" for asset in self.synths))

    def wire(self, layout: Layout, dt_s: float) -> Any:
        """Rows of amounts, prices and what is published."""
        rows = {leaf: layout.row(f"{self.name}_{leaf}") for leaf in PUBLISHED}
        for k, (asset, amount) in enumerate(self.synths.items()):
            rows[f"amount{k}"] = layout.row(amount)
            rows[f"per_debt{k}"] = layout.row(f"{self.name}_{asset}_per_debt")
            rows[f"price{k}"] = self._priced(layout, asset)
        return record(
            **rows,
            years=dt_s / YEAR_S,
            price_usd=layout.price("usd"),
            volume=layout.row(self.volume_usd),
            rewards=layout.row(self.rewards_per_year),
        )

    def _priced(self, layout: Layout, asset: str) -> int:
        try:
            return layout.price("usd" if asset == self.usd_synth else asset)
        except InputError:
            said = f"name {asset} under synths of the positions in {self.name}, and price it"
            raise InputError(f"venue.{self.name}.synths", asset, said) from None

    def open(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        """One share a dollar: the others own all of what they owe."""
        state["debt_per_share"] = 1.0
        state["others_shares"] = self._values(state, self._others(state, now), now)
        self._publish(state, own, now)

    def step(self, state: Block, own: dict[str, Array], before: Tick, now: Tick) -> None:
        """Prices move what a share owes; then the others mint and burn at that."""
        old, new = self._others(state, before), self._others(state, now)
        kept = self._values(state, old, now)
        shares = state["others_shares"] + own["debt_shares"]
        debt = kept + self._values(state, self._ours(own), now)
        burned = self._burned_share(state, debt, before)
        now.world.data[state.wire[0]["burned_share"]] = burned
        sound = (shares > SMALLEST_DEBT) & (debt > SMALLEST_DEBT)
        moved = debt * (1.0 - burned) / np.where(sound, shares, 1.0)
        state["debt_per_share"] = np.where(sound, moved, state["debt_per_share"])
        minted = self._values(state, new, now) - kept + burned * debt
        state["others_shares"] += minted / state["debt_per_share"]
        np.maximum(state["others_shares"], 0.0, out=state["others_shares"])
        self._publish(state, own, now)

    def _burned_share(self, state: Block, debt: Array, before: Tick) -> Array:
        if self.fees == "claimed":
            return np.zeros(state.n_paths)
        fees = self._fees_usd(state, before) * state.wire[0]["years"]
        share: Array = np.minimum(fees / np.maximum(debt, SMALLEST_DEBT), LARGEST_BURN)
        return share

    def _fees_usd(self, state: Block, tick: Tick) -> Array:
        """Fees of a year."""
        volume: Array = tick.world.data[state.wire[0]["volume"]]
        return volume * self.fee * (YEAR_S / DAY_S)

    def _others(self, state: Block, tick: Tick) -> list[Array]:
        wire, world = state.wire[0], tick.world.data
        return [np.maximum(world[wire[f"amount{k}"]], 0.0) for k in range(len(self.synths))]

    def _ours(self, own: dict[str, Array]) -> list[Array]:
        return [own[f"minted_{asset}"] for asset in self.synths]

    def _price(self, state: Block, k: int, now: Tick) -> Array:
        wire, world = state.wire[0], now.world.data
        price: Array = world[wire[f"price{k}"]] / world[wire["price_usd"]]
        return price

    def _values(self, state: Block, amounts: list[Array], now: Tick) -> Array:
        """Dollars that amounts of all synths are worth to the pool."""
        value = np.zeros(state.n_paths)
        for k, amount in enumerate(amounts):
            value += amount * self._price(state, k, now)
        return value

    def _publish(self, state: Block, own: dict[str, Array], now: Tick) -> None:
        wire, world = state.wire[0], now.world.data
        ours = self._ours(own)
        whole = [a + b for a, b in zip(self._others(state, now), ours, strict=True)]
        debt = np.maximum(self._values(state, whole, now), SMALLEST_DEBT)
        shares = state["others_shares"] + own["debt_shares"]
        some = np.maximum(shares, SMALLEST_DEBT)
        world[wire["debt_per_share"]] = state["debt_per_share"]
        world[wire["total_debt_usd"]] = debt
        claimed = self._fees_usd(state, now) if self.fees == "claimed" else 0.0
        world[wire["fee_apr"]] = claimed / debt
        world[wire["rewards_per_share"]] = world[wire["rewards"]] / some
        world[wire["own_share"]] = own["debt_shares"] / some
        for k, amount in enumerate(whole):
            world[wire[f"per_debt{k}"]] = amount / debt


PUBLISHED: Rows = (
    "debt_per_share",
    "total_debt_usd",
    "fee_apr",
    "burned_share",
    "rewards_per_share",
    "own_share",
)
"""What a pool publishes under its name, before its composition."""
