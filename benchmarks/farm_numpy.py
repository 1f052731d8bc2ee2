"""
The same farm in NumPy, in chunks: what one writes without a compiler.

Plain array expressions with NumPy's fastest generator (SFC64), 8,000 paths at a time; the same
model, policies and sums as the fused driver, with its own random numbers. The benchmark checks its
mean wealth and its share of liquidations against the engine's within their standard errors.
"""

import math

import numpy as np
from scipy.special import ndtri


class NumPyFarm:
    """The farm of `farm_book`, for chunks of paths."""

    def __init__(self, book, opening):
        processes = {p.name: p for p in book.scenario.processes}
        self.farm, self.guard = book.positions[0], book.policies[0]
        self.dt = 1.0 / 365.0
        self.prices = [processes[name] for name in ("a_usd", "b_usd", "cake_usd")]
        self.turnover, self.used = processes["ab_pool_turnover"], processes["b_market_utilisation"]
        self.rate = processes["b"]
        self.rho = next(iter(book.scenario.correlations.values()))
        self.opening = opening
        self.n_steps = book.n_steps

    def play(self, seed, n):
        """Final wealth and the time of liquidation of `n` paths."""
        rng = np.random.Generator(np.random.SFC64(seed))
        farm, dt, keep = self.farm, self.dt, 1.0 - self.farm.swap_cost
        pa, pb, pc = (np.full(n, p.start) for p in self.prices)
        x, y = np.full(n, math.log(0.13)), np.full(n, math.log(0.73 / 0.27))
        liq, root, d1 = (np.full(n, self.opening[k]) for k in ("liquidity", "root", "debt1"))
        rew, cash, peak, fall = np.zeros(n), np.zeros(n), np.full(n, 1e4), np.zeros(n)
        least, when = np.full(n, 1e9), np.full(n, 1e18)
        hx, hy, hr = liq / root, liq * root - d1, np.zeros(n)
        sums = {k: np.zeros(n) for k in SUMS}
        wealth = np.zeros(n)
        for step in range(1, self.n_steps + 1):
            z = rng.standard_normal((5, n))
            u = rng.random((2, n))
            z[1] = self.rho * z[0] + math.sqrt(1.0 - self.rho**2) * z[1]
            old = pa, pb, pc
            pa, pb = (
                p * np.exp(self._log_return(q, zz, uu))
                for p, q, zz, uu in (
                    (pa, self.prices[0], z[0], u[0]),
                    (pb, self.prices[1], z[1], u[1]),
                )
            )
            cake = self.prices[2]
            sd = cake.volatility
            pc = pc * np.exp((cake.drift - 0.5 * sd**2) * dt + sd * math.sqrt(dt) * z[2])
            x, y = (
                self._revert(x, self.turnover, math.log(0.13), z[3]),
                self._revert(y, self.used, math.log(0.73 / 0.27), z[4]),
            )
            turnover, used = np.exp(x), 1.0 / (1.0 + np.exp(-y))
            r = self.rate
            apr = r.slope1_apr * np.minimum(used, r.kink) / r.kink
            apr += r.slope2_apr * np.maximum(used - r.kink, 0.0) / (1.0 - r.kink)
            sums["m_wallet"] += cash * (pb - old[1])
            sums["m_farm"] += hx * (pa - old[0]) + hy * (pb - old[1]) + hr * (pc - old[2])
            new = np.sqrt(pa / pb)
            x0, y0, x1, y1 = liq / root, liq * root, liq / new, liq * new
            dx, dy, root = x1 - x0, y1 - y0, new
            sums["q_reb0"] += dx
            sums["q_reb1"] += dy
            sums["v_reb"] += dx * pa + dy * pb
            value = x1 * pa + y1 * pb
            brought = np.maximum(dx, 0.0) * pa + np.maximum(dy, 0.0) * pb
            earned = value * farm.fee * turnover + brought * farm.fee / (1.0 - farm.fee)
            grown = earned / np.where(value > 0.0, value, 1.0)
            sums["q_fee0"] += x1 * grown
            sums["q_fee1"] += y1 * grown
            sums["v_fee"] += earned
            liq = liq * (1.0 + grown)
            value = 2.0 * liq * np.sqrt(pa * pb)
            tokens = value * farm.reward_apr * dt / pc
            rew = rew + tokens
            sums["q_rew"] += tokens
            sums["v_rew"] += tokens * pc
            more = d1 * apr * dt
            d1 = d1 + more
            sums["q_int"] -= more
            sums["v_int"] -= more * pb
            health = self._health(liq, d1, pa, pb)
            least = np.minimum(least, health)
            dead = np.flatnonzero(health < 1.0)
            if dead.size:
                v, d = 2.0 * liq[dead] * np.sqrt(pa[dead] * pb[dead]), d1[dead] * pb[dead]
                left = v * (1.0 - farm.penalty)
                sums["v_pen"][dead] -= v - left
                sums["v_forg"][dead] += np.maximum(d - left, 0.0)
                cash[dead] += (np.maximum(left - d, 0.0) + rew[dead] * pc[dead]) / pb[dead]
                liq[dead], d1[dead], rew[dead] = 0.0, 0.0, 0.0
                health[dead] = 1e9
                when[dead] = np.minimum(when[dead], step * 86_400.0)
            low = np.flatnonzero((health < self.guard.trigger) & (liq > 0.0))
            if low.size:
                v, d = 2.0 * liq[low] * np.sqrt(pa[low] * pb[low]), d1[low] * pb[low]
                h, gas = self.guard.target, farm.gas_usd
                share = (h * (d + gas) - farm.threshold * v) / (v * (h * keep - farm.threshold))
                share = np.minimum(np.minimum(share, (d + gas) / (v * keep)), 1.0)
                repaid = np.minimum((share * v * keep - gas) / d, 1.0)
                sums["v_slip"][low] -= share * farm.swap_cost * v
                sums["v_gas"][low] -= gas
                liq[low] *= 1.0 - share
                d1[low] *= 1.0 - repaid
                least = np.minimum(least, self._health(liq, d1, pa, pb))
            if step % 7 == 0:
                gross = rew * pc
                net = gross * keep - farm.gas_usd
                do = (net > 0.0) & (liq > 0.0)
                liq = liq + np.where(do, net / (2.0 * np.sqrt(pa * pb)), 0.0)
                sums["v_slip"] -= np.where(do, gross * farm.swap_cost, 0.0)
                sums["v_gas"] -= np.where(do, farm.gas_usd, 0.0)
                rew = np.where(do, 0.0, rew)
            hx, hy, hr = liq / root, liq * root - d1, rew
            wealth = cash * pb + hx * pa + hy * pb + hr * pc
            peak = np.maximum(peak, wealth)
            fall = np.maximum(fall, (peak - wealth) / peak)
        return wealth, when

    def _log_return(self, process, z, u):
        dt, sd = self.dt, process.volatility
        chance = 1.0 - math.exp(-process.jumps_per_year * dt)
        growth = math.exp(process.jump_mean + 0.5 * process.jump_sd**2) - 1.0
        drift = (process.drift - 0.5 * sd**2) * dt - math.log1p(chance * growth)
        out = drift + sd * math.sqrt(dt) * z
        jumped = np.flatnonzero(u < chance)
        out[jumped] += process.jump_mean + process.jump_sd * ndtri(u[jumped] / chance)
        return out

    def _revert(self, x, process, mean, z):
        held = 2.0 ** (-86_400.0 / process.half_life_s)
        pull = math.log(2.0) / process.half_life_s * 31_536_000.0
        sd = process.volatility * math.sqrt((1.0 - held**2) / (2.0 * pull))
        return mean + held * (x - mean) + sd * z

    def _health(self, liq, d1, pa, pb):
        debt = d1 * pb
        some = np.where(debt > 0.0, debt, 1.0)
        health = self.farm.threshold * 2.0 * liq * np.sqrt(pa * pb) / some
        return np.where(debt > 0.0, np.minimum(health, 1e9), 1e9)


SUMS = (
    "m_wallet",
    "m_farm",
    "q_reb0",
    "q_reb1",
    "v_reb",
    "q_fee0",
    "q_fee1",
    "v_fee",
    "q_rew",
    "v_rew",
    "q_int",
    "v_int",
    "v_pen",
    "v_forg",
    "v_slip",
    "v_gas",
)
"""What is summed over time."""
