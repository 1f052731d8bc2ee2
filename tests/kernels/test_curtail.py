"""Sources of expected values: the same rule, path by path, as a person would follow it."""

import numpy as np
import pytest

from headframe.kernels import curtail
from headframe.layout import record

HOUR_S = 3_600.0
N_PATHS, HOURS = 200, 60


class Person:
    """Watches one mine: switches it by hand and writes down when."""

    def __init__(self, rule, ramp):
        self.rule, self.ramp, self.on, self.since_s, self.share = rule, ramp, True, -1e18, 1.0

    def told(self, spread, t_s, keeps):
        """The share to run at, or None where nothing is to be done."""
        before = self.share
        self.switch(spread, t_s)
        target = 1.0 if self.on else keeps
        if target > before:
            self.share = min(target, before + self.ramp)
        else:
            self.share = max(target, before - self.ramp)
        return None if abs(self.share - before) <= 1e-9 else self.share

    def switch(self, spread, t_s):
        off_below, on_above, min_on_s, min_off_s = self.rule
        rested_s = t_s - self.since_s
        if self.on and spread < off_below and rested_s >= min_on_s:
            self.on, self.since_s = False, t_s
        elif not self.on and spread > on_above and rested_s >= min_off_s:
            self.on, self.since_s = True, t_s


@pytest.mark.parametrize(
    "rule",
    [
        (0.0, 0.0, 0.0, 0.0),
        (-5.0, 5.0, 0.0, 0.0),
        (0.0, 2.0, 4 * HOUR_S, 0.0),
        (-3.0, 0.0, 2 * HOUR_S, 6 * HOUR_S),
    ],
)
@pytest.mark.parametrize("ramp", [1.0, 0.25])
@pytest.mark.parametrize("obliged", [False, True])
def test_every_path_is_switched_as_a_person_would(rule, obliged, ramp):
    draw = np.random.default_rng(11)
    strike, cost = draw.normal(60.0, 4.0, (2, HOURS, N_PATHS))
    keeps = draw.choice([0.2, 0.2, 0.3, 1.0], (HOURS, N_PATHS)) * obliged
    names = ("off_below", "on_above", "min_on_s", "min_off_s")
    constants = record(**dict(zip(names, rule, strict=True)))
    own = np.zeros((5, N_PATHS))
    own[[curtail.ON, curtail.AT]], own[curtail.SINCE_S], own[curtail.ROOM] = 1.0, -1e18, ramp
    people = [Person(rule, ramp) for _ in range(N_PATHS)]
    switches = 0
    for hour in range(HOURS):
        t_s = hour * HOUR_S
        own[curtail.KEEPS] = keeps[hour]
        changed, share = np.empty(N_PATHS, np.bool_), np.empty(N_PATHS)
        count = curtail.switch(own, strike[hour], cost[hour], changed, share, t_s, constants)
        spread = strike[hour] - cost[hour]
        said = [p.told(spread[k], t_s, keeps[hour, k]) for k, p in enumerate(people)]
        np.testing.assert_array_equal(changed, [s is not None for s in said])
        np.testing.assert_array_equal(share[changed], [s for s in said if s is not None])
        assert count == changed.sum()
        switches += count
    assert switches > N_PATHS
    np.testing.assert_array_equal(own[curtail.ON] > 0.0, [p.on for p in people])
    np.testing.assert_array_equal(own[curtail.SINCE_S], [p.since_s for p in people])
