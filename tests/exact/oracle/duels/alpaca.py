"""
Alpaca Finance: random sequences on its vault, worker, strategies, and the exchange beneath.

Moves: see `alpaca_moves`. Starts: pools of any proportion, with and without treasury, threshold,
a vault that buys back (this one, or one of another token), bounties, rewards from none to many.
"""

import random
from typing import ClassVar

from judge.abi import mapping_slot, pack
from judge.chain import OWNER
from judge.duel import Move, Storage, set_up

from headframe.exact import alpaca
from headframe.exact import sushiswap_masterchef as masterchef
from headframe.exact import uniswap_v2 as v2
from headframe.exact import uniswap_v2_router as router
from headframe.exact.lp_worker import FARM, Buyback, ChefStake, Worker

from .alpaca_moves import Draws
from .alpaca_stage import TREASURY, USERS, AlpacaStage
from .stage import PURSE, log_uniform

ZERO = "0x" + "00" * 20


class AlpacaDuel:
    """The vault's two texts, and the texts of all that it touches."""

    name: ClassVar[str] = "alpaca"
    judge: ClassVar[str] = (
        "release artifact: @alpaca-finance/alpaca-contract 1.2.22, Vault, PancakeswapV2Worker02, "
        "six strategies, configs, TripleSlopeModel"
    )

    def __init__(self, rng: random.Random) -> None:
        self.stage = stage = AlpacaStage(rng)
        self.chain = stage.chain
        self.ours = self._ours()
        self._fill_pools(rng)
        self.fixed = {c: self._constants(c) for c in (stage.vault, stage.worker)}
        self.draws = Draws(self)
        set_up(self.draws.configure(rng, usual=True))
        set_up(self.draws.price(rng))
        set_up(self.draws.deposit(rng, log_uniform(rng, 10**18, 10**24)))

    def draw(self, rng: random.Random) -> Move:
        """Draw a move."""
        return self.draws.draw(rng)

    # ---- the start -------------------------------------------------------------------------

    def _ours(self) -> alpaca.Vault:
        stage, terms = self.stage, self.stage.terms
        vault = alpaca.new_vault(stage.vault, stage.base, now_ts=stage.now_ts)
        vault.min_debt_size, vault.reserve_pool_bps = terms.min_debt, terms.reserve_bps
        vault.kill_bps, vault.kill_treasury_bps = terms.kill_bps, terms.kill_treasury_bps
        vault.treasury = TREASURY
        vault.liquidators = set(USERS[:2])
        vault.add_strategies = {
            stage.strategies[k] for k in ("AddBaseTokenOnly", "AddTwoSidesOptimal")
        }
        self.pool = router.Pool(v2.Pair(), *self._in_order(stage.base, stage.farm), router.PANCAKE)
        cakes = router.Pool(v2.Pair(), *self._in_order(stage.cake, stage.base), router.PANCAKE)
        vault.workers[stage.worker] = self._our_worker(cakes)
        for token in (stage.base, stage.farm):
            for user in USERS[:3]:
                router.give(vault.purse, token, user, PURSE)
            router.give(vault.purse, token, OWNER, (1 << 256) - 1 - 3 * PURSE)
        router.give(vault.purse, stage.cake, OWNER, 1 << 200)
        return vault

    def _in_order(self, one: str, other: str) -> tuple[str, str]:
        return (one, other) if int(one, 16) < int(other, 16) else (other, one)

    def _our_worker(self, cakes: router.Pool) -> Worker:
        stage, terms = self.stage, self.stage.terms
        plans = alpaca.restricted_strategies(dict(stage.strategies))
        buyback = None
        if terms.buyback_bps:
            path = (cakes,) if terms.buyback_own else (cakes, self.pool)
            token = stage.base if terms.buyback_own else stage.farm
            buyback = Buyback(terms.buyback_bps, stage.beneficial, token, path)
        return Worker(
            name=stage.worker, pool=self.pool, base=stage.base, farm=stage.farm, reward=stage.cake,
            stake=ChefStake(self._our_chef(), 1), add_strategy=plans["AddBaseTokenOnly"],
            liquidate_strategy=plans["Liquidate"],
            ok_strategies={plan.name: plan for plan in plans.values()},
            reinvest_path=(cakes,), reinvest_bounty_bps=terms.bounty_bps,
            reinvest_threshold=terms.threshold, reinvestors={USERS[0]},
            treasury=None if terms.treasury == ZERO else terms.treasury,
            treasury_bounty_bps=terms.bounty_bps, buyback=buyback, says=alpaca.WORKER_SAYS,
        )  # fmt: skip

    def _our_chef(self) -> masterchef.MasterChef:
        stage = self.stage
        pools = [stage.must(stage.chef, "poolInfo(uint256)", pid) for pid in (0, 1)]
        return masterchef.MasterChef(
            sushi_per_block=stage.terms.cake_per_block,
            start_block=0,
            bonus_end_block=0,
            total_alloc_point=stage.must(stage.chef, "totalAllocPoint()")[0],
            pools=[masterchef.PoolInfo(name, *rest[1:3])
                   for name, rest in zip(("CAKE", "LP"), pools, strict=True)],
        )  # fmt: skip

    def _fill_pools(self, rng: random.Random) -> None:
        """Liquidity for both pools from outside, and a part of one staked beside the worker."""
        stage, vault = self.stage, self.ours
        base = log_uniform(rng, 10**19, 10**25)
        for pool, first, amounts in (
            (self.pool, stage.base, (base, log_uniform(rng, 10**19, 10**25))),
            (self.worker.reinvest_path[0], stage.base, (base, base * 8)),
        ):
            second = router.other(pool, first)
            router.add_liquidity(vault.purse, pool, first, amounts, OWNER, now_ts=stage.now_ts)
            stage.must(
                stage.router,
                "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)",
                first, second, *amounts, 0, 0, OWNER, 1 << 64,
            )  # fmt: skip
        staked = self.pool.pair.total_supply // rng.choice((2, 10, 10**6))
        v2.transfer(self.pool.pair, OWNER, FARM, staked)
        chef = self.chef
        masterchef.deposit(chef, 1, OWNER, staked, now_height=stage.now_height)
        stage.must(stage.chef, "deposit(uint256,uint256)", 1, staked)

    # ---- what is compared ------------------------------------------------------------------

    @property
    def worker(self) -> Worker:
        """Our worker of now: a refusal puts another one in its place."""
        return self.ours.workers[self.stage.worker]

    @property
    def chef(self) -> masterchef.MasterChef:
        """Our farm of now."""
        stake = self.worker.stake
        assert isinstance(stake, ChefStake)
        return stake.chef

    def _constants(self, contract: str) -> dict[int, int]:
        words = self.chain.storage(contract)
        moving = self._vault_words() if contract == self.stage.vault else self._worker_words()
        return {slot: word for slot, word in words.items() if slot not in moving}

    def _vault_words(self) -> dict[int, int]:
        bank = self.ours.bank
        words = {
            103: bank.total_supply, 258: bank.next_position_id, 260: bank.debt_share,
            261: bank.debt_val, 262: bank.last_accrue_time, 263: bank.reserve_pool,
        }  # fmt: skip
        for lender, held in bank.balance_of.items():
            words[mapping_slot(int(str(lender), 16), 101)] = held
        for id_, position in bank.positions.items():
            slot = mapping_slot(id_, 257)
            words[slot], words[slot + 1] = int(str(position.worker), 16), int(position.owner, 16)
            words[slot + 2] = position.debt_share
        return words

    def _worker_words(self) -> dict[int, int]:
        worker = self.worker
        words = {213: worker.total_share, 228: worker.buyback_amount}
        return words | {mapping_slot(id_, 211): held for id_, held in worker.shares.items()}

    def everything(self) -> Storage:
        """All words of vault and worker."""
        vault, worker = self.stage.vault, self.stage.worker
        return {
            vault: self.fixed[vault] | self._vault_words(),
            worker: self.fixed[worker] | self._worker_words(),
        }

    def touched(self) -> Storage:
        """Both, what everybody holds of every token, the pools, the farm, the debt token."""
        stage, bank = self.stage, self.ours.bank
        storage = {stage.vault: self._vault_words(), stage.worker: self._worker_words()}
        for token, slot in ((stage.base, 1), (stage.farm, 1), (stage.cake, 1)):
            storage[token] = {mapping_slot(int(who, 16), slot): held
                              for who, held in self._holders(token).items()}  # fmt: skip
        for address, pool in ((stage.lp, self.worker.pool),
                              (stage.cake_lp, self.worker.reinvest_path[0])):  # fmt: skip
            storage[address] = self._pair_words(pool.pair)
        storage[stage.chef] = self._chef_words()
        storage[stage.debt_token] = {
            mapping_slot(int(stage.vault, 16), 101): bank.debt_share,
            103: bank.debt_share,
        }
        return storage

    def _holders(self, token: str) -> dict[str, int]:
        held = {str(who): v for (what, who), v in self.ours.purse.held.items() if what == token}
        for address, pool in ((self.stage.lp, self.worker.pool),
                              (self.stage.cake_lp, self.worker.reinvest_path[0])):  # fmt: skip
            for name, balance in ((pool.token0, pool.pair.balance0),
                                  (pool.token1, pool.pair.balance1)):  # fmt: skip
                if name == token:
                    held[address] = balance
        if token == self.stage.cake:
            held[self.stage.syrup] = self.chef.token_balance.get(masterchef.SUSHI, 0)
        return held

    def _pair_words(self, pair: v2.Pair) -> dict[int, int]:
        names = {FARM: self.stage.chef, v2.BURNT: ZERO, v2.PAIR: self.stage.lp}
        words = {mapping_slot(int(str(names.get(who, who)), 16), 1): held
                 for who, held in pair.balance_of.items()}  # fmt: skip
        words[0] = pair.total_supply
        words[8] = pack((pair.reserve0, 112), (pair.reserve1, 112), (pair.block_timestamp_last, 32))
        words[9], words[10] = pair.price0_cumulative_last, pair.price1_cumulative_last
        return words

    def _chef_words(self) -> dict[int, int]:
        words = {}
        for who in (OWNER, self.stage.worker):
            slot = mapping_slot(int(who, 16), mapping_slot(1, 8))
            info = self.chef.users.get((1, who), masterchef.UserInfo())
            words[slot], words[slot + 1] = info.amount, info.reward_debt
        return words
