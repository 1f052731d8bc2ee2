"""
Gearbox v3's pool, quota keeper, gauge and curves, deployed together, and where they keep things.

Roles, registers, tokens, and contracts that call for others stand in `harness/GearboxV3Stage.sol`.
"""

import random
from dataclasses import dataclass

from judge.abi import call, keccak, mapping_slot, pack
from judge.artifacts import creation_code
from judge.chain import OWNER, Answer, Chain
from judge.duel import Storage

from headframe.exact import gearbox_v3_pool as gp
from headframe.exact import gearbox_v3_quotas as gq
from headframe.exact import gearbox_v3_rates as gr

BUILD = "gearbox-v3"
USERS = ["0x" + f"{k:02x}" * 20 for k in (0x11, 0x22, 0x33)]
ACCOUNTS = ["0x" + f"{k:02x}" * 20 for k in (0x44, 0x55, 0x66)]
TREASURY = "0x" + "77" * 20
PURSE = 1 << 200
CURVES = ((7_000, 9_000, 0, 100, 125, 10_000), (8_000, 9_500, 50, 50, 300, 65_535))
"""Curves that pools have: two kinks, base, three slopes, in basis points."""


@dataclass(frozen=True)
class Curve:
    """A curve's two texts."""

    address: str
    ours: gr.LinearInterestRateModel


class GearboxStage:
    """The contracts, and ours beside them."""

    def __init__(self, rng: random.Random) -> None:
        self.chain = Chain()
        self.now_ts = rng.randint(1_600_000_000, 1_900_000_000)
        self.chain.at(self.now_ts)
        self.acl, self.register = self._ours("Acl"), self._ours("Register")
        self.underlying = self._ours("Token", 18)
        self.staking = self._ours("Caller")
        self.managers = [self._ours("Caller") for _ in range(2)]
        self.tokens = [self._ours("Token", 18) for _ in range(3)]
        self.curves = [self.curve(*CURVES[0], True), self.curve(*CURVES[1], False)]
        self.curves += [self._random_curve(rng) for _ in range(2)]
        self._deploy_pool()
        self._deploy_quotas()

    def _ours(self, name: str, *arguments: int | str | bytes) -> str:
        return self.chain.deploy(creation_code(BUILD, f"{name}.json"), *arguments)

    def curve(self, *words: int) -> Curve:
        """Deploy a curve."""
        names = ("u1_bps", "u2_bps", "base_bps", "slope1_bps", "slope2_bps", "slope3_bps")
        ours = gr.LinearInterestRateModel(
            **dict(zip(names, words[:6], strict=True)), forbids_above_u2=bool(words[6])
        )
        return Curve(self._ours("LinearInterestRateModelV3", *words), ours)

    def _random_curve(self, rng: random.Random) -> Curve:
        u1, u2 = sorted(rng.sample(range(1, 10_000), 2))
        s1, s2, s3 = sorted(rng.randint(0, 10_000) for _ in range(3))
        return self.curve(u1, u2, rng.randint(0, 10_000), s1, s2, s3, rng.randint(0, 1))

    def _deploy_pool(self) -> None:
        chain, first = self.chain, self.curves[0]
        limit = (1 << 256) - 1
        self.pool = self._ours(
            "PoolV3", self.acl, self.register, self.underlying, TREASURY, first.address, limit,
            b"pool", b"p",
        )  # fmt: skip
        self.fixed = {slot: chain.slot(self.pool, slot) for slot in (3, 4, 5, 6)}
        chain.must(OWNER, self.register, "addPool(address)", self.pool)
        self.ours = gp.Pool(first.ours, TREASURY, self.now_ts)
        for manager in self.managers:
            chain.must(OWNER, self.register, "addCreditManager(address)", manager)
            chain.must(OWNER, manager, "setPool(address)", self.pool)
        for who in (*USERS, OWNER):
            chain.must(OWNER, self.underlying, "set(address,uint256)", who, PURSE)
        for user in USERS:
            full = (1 << 256) - 1
            chain.must(user, self.underlying, "approve(address,uint256)", self.pool, full)

    def _deploy_quotas(self) -> None:
        chain = self.chain
        self.keeper = self._ours("PoolQuotaKeeperV3", self.pool)
        chain.must(OWNER, self.pool, "setPoolQuotaKeeper(address)", self.keeper)
        self.gauge = self._ours("GaugeV3", self.pool, self.staking)
        chain.must(OWNER, self.keeper, "setGauge(address)", self.gauge)
        self.quotas, self.votes = gq.QuotaKeeper(self.ours), gr.Gauge()
        self.quotas.last_rate_update_ts = chain.slot(self.keeper, 6) >> 160
        self.epoch = 0
        self.frozen = bool(chain.slot(self.gauge, 2) >> 16)

    def act(self, caller: str, target: str, data: bytes) -> Answer:
        """Call through one of our contracts."""
        return self.chain.send(OWNER, caller, call("act(address,bytes)", target, data))

    # ---- storage ---------------------------------------------------------------------------

    def storage(self) -> Storage:
        """All words of pool, quota keeper and gauge."""
        return {
            self.pool: self._pool_words(),
            self.keeper: self._keeper_words(),
            self.gauge: self._gauge_words(),
        }

    def touched(self) -> Storage:
        """The same, and what the pool has of the underlying."""
        own = {mapping_slot(int(self.pool, 16), 3): self.ours.available_liquidity}
        return self.storage() | {self.underlying: own}

    def _pool_words(self) -> dict[int, int]:
        pool = self.ours
        curve = next(c.address for c in self.curves if c.ours == pool.interest_rate_model)
        words = dict(self.fixed)
        words[2] = pool.total_supply
        words[9] = pack(
            (0, 8), (1, 8), (int(curve, 16), 160), (pool.last_base_interest_update_ts, 40),
            (pool.last_quota_revenue_update_ts, 40),
        )  # fmt: skip
        words[10] = pack((pool.withdraw_fee_bps, 16), (int(self.keeper, 16), 160))
        words[11] = pack((pool.quota_revenue, 96), (pool.base_interest_rate_ray, 128))
        words[12] = pack((pool.base_interest_index_lu_ray, 128), (pool.expected_liquidity_lu, 128))
        words[13] = pack((pool.total_debt.borrowed, 128), (pool.total_debt.limit, 128))
        for who, held in pool.shares.items():
            words[mapping_slot(int(str(who), 16), 0)] = held
        for (owner, spender), allowed in pool.allowances.items():
            inner = mapping_slot(int(str(owner), 16), 1)
            words[mapping_slot(int(str(spender), 16), inner)] = allowed
        for who, debt in pool.managers.items():
            slot = mapping_slot(int(str(who), 16), 14)
            words[slot] = pack((debt.borrowed, 128), (debt.limit, 128))
        return words | address_set(list(pool.managers), 15)

    def _keeper_words(self) -> dict[int, int]:
        quotas = self.quotas
        words = {6: pack((int(self.gauge, 16), 160), (quotas.last_rate_update_ts, 40))}
        for token, held in quotas.tokens.items():
            slot = mapping_slot(int(str(token), 16), 4)
            fields = ((held.rate_bps, 16), (held.index_lu_ray, 192), (held.increase_fee_bps, 16))
            words[slot] = pack(*fields)
            words[slot + 1] = pack((held.total_quoted, 96), (held.limit, 96))
        for (account, token), own in quotas.accounts.items():
            inner = mapping_slot(int(str(account), 16), 5)
            slot = mapping_slot(int(str(token), 16), inner)
            words[slot], words[slot + 1] = own.quota, own.index_lu_ray
        return words | address_set(list(quotas.tokens), 2) | address_set(self.admitted, 0)

    admitted: list[str]
    """Managers that the quota keeper knows, in their order."""

    def _gauge_words(self) -> dict[int, int]:
        words = {2: pack((self.epoch, 16), (int(self.frozen), 8))}
        for token, held in self.votes.tokens.items():
            words[mapping_slot(int(str(token), 16), 0)] = pack(
                (held.min_rate_bps, 16), (held.max_rate_bps, 16), (held.votes_lp, 96),
                (held.votes_ca, 96),
            )  # fmt: skip
        users = {(user, token) for user, token, _ in self.votes.votes}
        for user, token in users:
            inner = mapping_slot(int(str(user), 16), 1)
            given = [self.votes.votes.get((user, token, side), 0) for side in (True, False)]
            words[mapping_slot(int(str(token), 16), inner)] = pack((given[0], 96), (given[1], 96))
        return words


def address_set(members: list[str], slot: int) -> dict[int, int]:
    """Words of an enumerable set: a list, and places in it counted from 1."""
    first = int.from_bytes(keccak(slot.to_bytes(32, "big")), "big")
    words = {slot: len(members)}
    for k, member in enumerate(members):
        words[first + k] = int(str(member), 16)
        words[mapping_slot(int(str(member), 16), slot + 1)] = k + 1
    return words
