"""The vault's kernels against the exact vault: the bound that their module states."""

import random

import numpy as np
import pytest

from headframe.exact import yearn_v3 as yearn
from headframe.kernels import vault as kernel
from headframe.layout import record
from headframe.units import DAY_S, YEAR_S

UNIT = 10**24
"""A share of the exact vault, large enough for its units not to be seen."""


class Twin:
    """Both texts, from one depositor's unit on."""

    def __init__(self, *, performance, management, unlock_days):
        self.performance, self.management = performance, management
        self.ours = np.zeros((9, 1))
        self.ours[[kernel.SHARES, kernel.ASSETS, kernel.SUPPLY]] = 1.0
        self.world, self.books = np.array([[0.0], [1.0]]), np.zeros((4, 1))
        self.record = record(
            strategy_apr=0, price=1, interest_quantity=0, interest=1, fee_quantity=2, fee=3,
            dt_s=DAY_S, years=DAY_S / YEAR_S, management=management * DAY_S / YEAR_S,
            performance=performance, unlock_s=unlock_days * DAY_S,
            locks=1.0 if unlock_days else 0.0,
        )  # fmt: skip
        self.exact = yearn.Vault(profit_max_unlock_time_s=int(unlock_days * DAY_S))
        yearn.deposit(self.exact, "alice", UNIT, now_ts=0)
        yearn.update_debt(self.exact, "s", UNIT)
        self.now_ts, self.strategy, self.charged, self.bound = 0, UNIT, 0.0, 1e-12

    def day(self, apr, *, reports):
        """Let a day pass in both."""
        self.now_ts += int(DAY_S)
        self.charged += self.management * DAY_S / YEAR_S * yearn.total_assets(self.exact)
        self.strategy += round(self.strategy * (apr * DAY_S / YEAR_S))
        self.world[0] = apr
        kernel.accrue(self.ours, self.world, np.ones(1), self.books, self.record)
        if reports:
            gain = max(self.strategy - self.exact.debts["s"], 0)
            fees = round(self.performance * gain + self.charged)
            yearn.process_report(
                self.exact, "s", self.strategy, total_fees=fees, now_ts=self.now_ts
            )
            self.charged = 0.0
            kernel.report(self.ours, self.world, self.books, self.record)
            locked = self.exact.balances["vault"]
            if locked:
                left_s = self.exact.full_profit_unlock_ts - self.now_ts
                self.bound += locked / self.exact.stored_supply / left_s

    def prices(self):
        """Price of a share, ours and the exact one."""
        supply = yearn.total_supply(self.exact, now_ts=self.now_ts)
        ours = kernel.share_price(*self.ours[[kernel.ASSETS, kernel.SUPPLY, kernel.LOCKED], 0])
        return ours, yearn.total_assets(self.exact) / supply


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("unlock_days", [0, 5, 10])
def test_the_price_is_the_exact_one_within_the_stated_bound(seed, unlock_days):
    rng = random.Random(seed)
    twin = Twin(performance=0.1, management=0.02, unlock_days=unlock_days)
    for day in range(120):
        twin.day(rng.uniform(-0.5, 1.0), reports=day % (1 + seed) == 0)
        ours, exact = twin.prices()
        assert abs(ours / exact - 1.0) < twin.bound
    assert twin.bound < 2e-6
    # What the entries say is what one share gained.
    assert twin.books[0, 0] + twin.books[2, 0] == pytest.approx(ours - 1.0, abs=1e-13)
    assert np.array_equal(twin.books[[0, 2]], twin.books[[1, 3]])
    assert twin.books[2, 0] < 0.0


def test_ten_per_cent_unlock_over_ten_days():
    # 1.0, 1.047619 = 1100 / 1050, 1.1: the profit is a tenth, reported at once, without fees.
    twin = Twin(performance=0.0, management=0.0, unlock_days=10)
    twin.day(0.1 * YEAR_S / DAY_S, reports=True)
    seen = [twin.prices()[0]]
    for _ in range(10):
        twin.day(0.0, reports=False)
        seen.append(twin.prices()[0])
    assert seen[0] == pytest.approx(1.0, abs=1e-15)
    assert seen[5] == pytest.approx(1100 / 1050, abs=1e-14)
    assert seen[10] == pytest.approx(1.1, abs=1e-14)


def test_a_strategy_that_loses_all_leaves_shares_without_worth():
    twin = Twin(performance=0.1, management=0.02, unlock_days=10)
    twin.world[0] = -400.0
    for _ in range(3):
        kernel.accrue(twin.ours, twin.world, np.ones(1), twin.books, twin.record)
        kernel.report(twin.ours, twin.world, twin.books, twin.record)
    assert np.isfinite(twin.ours).all()
    assert twin.prices()[0] == 0.0
    assert twin.books[0, 0] + twin.books[2, 0] == pytest.approx(-1.0)
