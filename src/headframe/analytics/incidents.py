"""
What has broken: dated incidents of lending, farming and exchange protocols, with their sources.

Amounts are US dollars of the day as first reported; `returned_usd` is what came back to the
protocol or its users as far as the record says (more than was lost where prices rose meanwhile),
None where nothing is recorded. Causes: `logic` (a mistake in the code or in a parameter), `oracle`
(a price that could be moved or was stale), `key` (a private key or a front end), `market` (bad debt
from prices and absent keepers, no code broken), `governance`.

Dates, amounts, returns and the reporting source of a row are those of DefiLlama's list of hacks
(https://defillama.com/hacks, read as of January 2026), but for Maker in March 2020 and Venus in May
2021, which are from the accounts that their rows name. The list is not complete: incidents below
100,000 dollars, bridges, exchanges and frauds are left out, most returns are not on record, and
what was never reported cannot be in it.

`COHORT` are protocols that were large at the end of 2023 whether or not anything befell them, with
the month in which each opened to the public; those months are from the protocols' own
announcements as remembered, to the month. Chosen by surviving, the cohort understates the risk of
the protocols that are gone: it is a lower bound for what is new or small.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Cause = Literal["logic", "oracle", "key", "market", "governance"]
"""Why something was lost."""
AS_OF = date(2026, 1, 15)
"""The day up to which the record was read."""


@dataclass(frozen=True)
class Incident:
    """One loss, on one day."""

    day: date
    protocol: str
    lost_usd: float
    returned_usd: float | None
    cause: Cause
    source: str


def _row(
    day: str, protocol: str, lost: float, returned: float | None, cause: Cause, source: str
) -> Incident:
    back = None if returned is None else returned * 1e6
    return Incident(date.fromisoformat(day), protocol, lost * 1e6, back, cause, source)


INCIDENTS: tuple[Incident, ...] = (
    _row(
        "2020-02-15",
        "bzx",
        0.35,
        None,
        "oracle",
        "https://www.coinbase.com/blog/around-the-block-analysis-on-the-bzx-attack-defi-vulnerabilities-the-state-of-debit-cards-in",
    ),
    _row(
        "2020-02-18",
        "bzx",
        0.65,
        None,
        "oracle",
        "https://twitter.com/bneiluj/status/1228757175595438080",
    ),
    _row(
        "2020-03-12",
        "maker",
        8.32,
        None,
        "market",
        "https://medium.com/dragonfly-research/daos-ex-machina-an-in-depth-timeline-of-makers-recent-crisis-66d2ae39dd65",
    ),
    _row(
        "2020-04-19",
        "dforce",
        25.0,
        None,
        "logic",
        "https://decrypt.co/26033/dforce-lendfme-defi-hack-25m",
    ),
    _row("2020-10-26", "harvest", 25.0, None, "oracle", "https://rekt.news/harvest-finance-rekt/"),
    _row("2020-11-12", "akropolis", 2.0, None, "logic", "https://rekt.news/akropolis-rekt/"),
    _row(
        "2020-11-22",
        "pickle",
        19.7,
        None,
        "logic",
        "https://github.com/banteg/evil-jar/blob/master/readme.md",
    ),
    _row("2020-12-18", "warp", 7.8, None, "oracle", "https://rekt.news/warp-finance-rekt/"),
    _row("2021-02-05", "yearn", 11.0, None, "oracle", "https://rekt.news/yearn-rekt/"),
    _row(
        "2021-02-13",
        "alpha_homora_v2",
        37.5,
        None,
        "logic",
        "https://blog.alphaventuredao.io/alpha-homora-v2-post-mortem/",
    ),
    _row(
        "2021-05-08",
        "rari_fuse",
        10.0,
        None,
        "oracle",
        "https://twitter.com/FrankResearcher/status/1391087260125188099",
    ),
    _row(
        "2021-05-18",
        "venus",
        77.0,
        None,
        "oracle",
        "https://medium.com/venusprotocol/venus-protocol-incident-post-mortem-4468c87d245e",
    ),
    _row(
        "2021-05-19",
        "pancake_bunny",
        45.0,
        None,
        "oracle",
        "https://peckshield.medium.com/pancakebunny-incident-root-cause-analysis-7099f413cc9b",
    ),
    _row(
        "2021-06-16",
        "alchemix",
        6.5,
        None,
        "logic",
        "https://forum.alchemix.fi/public/d/137-incident-report-06162021",
    ),
    _row(
        "2021-08-03",
        "popsicle",
        20.0,
        None,
        "logic",
        "https://twitter.com/Mudit__Gupta/status/1422797923037814786",
    ),
    _row(
        "2021-08-30",
        "cream",
        18.8,
        None,
        "logic",
        "https://twitter.com/peckshield/status/1432249600002478081",
    ),
    _row("2021-09-29", "compound_v2", 147.0, None, "logic", "https://rekt.news/compound-rekt/"),
    _row(
        "2021-10-14",
        "indexed",
        16.0,
        None,
        "oracle",
        "https://ndxfi.medium.com/indexed-attack-post-mortem-b006094f0bdc",
    ),
    _row("2021-10-27", "cream", 130.0, None, "oracle", "https://rekt.news/cream-rekt-2/"),
    _row("2021-12-02", "badger", 120.0, None, "key", "https://badger.com/technical-post-mortem"),
    _row("2022-03-15", "hundred", 6.2, None, "logic", "https://rekt.news/agave-hundred-rekt/"),
    _row(
        "2022-04-02",
        "inverse",
        15.6,
        None,
        "oracle",
        "https://twitter.com/FrankResearcher/status/1510239094777032713",
    ),
    _row(
        "2022-04-17",
        "beanstalk",
        181.0,
        None,
        "governance",
        "https://twitter.com/FrankResearcher/status/1515693895887294466",
    ),
    _row(
        "2022-05-01",
        "rari_fuse",
        80.0,
        None,
        "logic",
        "https://twitter.com/Hacxyk/status/1520370421773725698",
    ),
    _row(
        "2022-06-16",
        "inverse",
        5.8,
        None,
        "oracle",
        "https://twitter.com/peckshield/status/1537382891230883841",
    ),
    _row("2022-08-09", "curve", 0.575, 0.575, "key", "https://rekt.news/curve-finance-rekt/"),
    _row(
        "2022-09-18",
        "gmx_v1",
        0.565,
        None,
        "oracle",
        "https://twitter.com/jayantkrish/status/1571893643178569728",
    ),
    _row(
        "2022-10-11",
        "mango",
        115.0,
        None,
        "oracle",
        "https://twitter.com/joshua_j_lim/status/1579987648546246658",
    ),
    _row(
        "2022-12-10",
        "lodestar",
        6.9,
        None,
        "oracle",
        "https://twitter.com/BowTiedPickle/status/1601650177369993216",
    ),
    _row(
        "2023-02-10",
        "dforce",
        3.65,
        None,
        "logic",
        "https://twitter.com/peckshield/status/1623902441992523776",
    ),
    _row(
        "2023-02-16",
        "platypus",
        8.5,
        0.222634,
        "logic",
        "https://twitter.com/CertiKAlert/status/1626318821840629763",
    ),
    _row(
        "2023-03-13",
        "euler_v1",
        197.0,
        240.0,
        "logic",
        "https://twitter.com/peckshield/status/1635229594596036608",
    ),
    _row(
        "2023-04-04",
        "sentiment",
        1.0,
        0.9,
        "logic",
        "https://twitter.com/spreekaway/status/1643314142214758410",
    ),
    _row(
        "2023-04-10",
        "sushiswap",
        3.3,
        3.3,
        "logic",
        "https://x.com/ernestognw/status/1645113041430757378",
    ),
    _row(
        "2023-04-13",
        "yearn",
        11.539,
        None,
        "logic",
        "https://twitter.com/osec_io/status/1646411672175939585",
    ),
    _row("2023-04-15", "hundred", 7.0, None, "logic", "https://rekt.news/hundred-rekt2/"),
    _row(
        "2023-07-21",
        "conic",
        3.2,
        None,
        "logic",
        "https://twitter.com/ConicFinance/status/1682385596700844032",
    ),
    _row(
        "2023-07-30",
        "curve",
        61.7,
        None,
        "logic",
        "https://twitter.com/spreekaway/status/1685669149911990273",
    ),
    _row(
        "2023-08-18",
        "exactly",
        7.2,
        None,
        "logic",
        "https://twitter.com/DeDotFiSecurity/status/1692549866713407912",
    ),
    _row(
        "2023-08-27",
        "balancer_v2",
        0.8,
        None,
        "logic",
        "https://twitter.com/mevrefund/status/1695792040531960116",
    ),
    _row(
        "2023-09-19",
        "balancer_v2",
        0.238,
        None,
        "key",
        "https://twitter.com/PeckShieldAlert/status/1704306602529247294",
    ),
    _row("2023-10-13", "platypus", 2.2, None, "logic", "https://rekt.news/platypus-rekt2/"),
    _row(
        "2023-11-22",
        "kyberswap_elastic",
        48.0,
        None,
        "logic",
        "https://twitter.com/KyberNetwork/status/1727475235342217682",
    ),
    _row(
        "2024-01-02",
        "radiant",
        4.5,
        None,
        "logic",
        "https://twitter.com/peckshield/status/1742334242120466580",
    ),
    _row(
        "2024-01-04",
        "gamma",
        4.5,
        None,
        "oracle",
        "https://twitter.com/peckshieldalert/status/1742753372334399513",
    ),
    _row(
        "2024-01-30",
        "abracadabra",
        6.5,
        None,
        "logic",
        "https://twitter.com/peckshield/status/1752279373779194011",
    ),
    _row(
        "2024-03-28",
        "prisma",
        11.6,
        None,
        "logic",
        "https://twitter.com/PeckShieldAlert/status/1773345454832378109",
    ),
    _row(
        "2024-05-15",
        "sonne",
        20.0,
        None,
        "logic",
        "https://medium.com/@SonneFinance/post-mortem-sonne-finance-exploit-12f3daa82b06",
    ),
    _row(
        "2024-06-10",
        "uwu_lend",
        20.0,
        None,
        "oracle",
        "https://x.com/theblockupdates/status/1800146327914877062",
    ),
    _row(
        "2024-06-13",
        "uwu_lend",
        3.7,
        None,
        "oracle",
        "https://x.com/TheBlock__/status/1801177660946612664",
    ),
    _row(
        "2024-09-03",
        "penpie",
        27.0,
        None,
        "logic",
        "https://x.com/shoucccc/status/1831044487323529639",
    ),
    _row(
        "2024-10-16",
        "radiant",
        53.0,
        None,
        "key",
        "https://x.com/AnciliaInc/status/1846618258163761551",
    ),
    _row(
        "2024-11-11",
        "deltaprime",
        4.8,
        None,
        "logic",
        "https://x.com/peckshield/status/1855900790063607929",
    ),
    _row(
        "2025-02-11",
        "zklend",
        9.55,
        None,
        "logic",
        "https://x.com/zkLend/status/1889515118368829559",
    ),
    _row(
        "2025-03-25",
        "abracadabra",
        13.0,
        None,
        "logic",
        "https://x.com/peckshield/status/1904501599848038490",
    ),
    _row(
        "2025-03-29",
        "venus",
        0.902,
        None,
        "oracle",
        "https://x.com/yonikesel/status/1905993100738134408",
    ),
    _row(
        "2025-05-22",
        "cetus",
        223.0,
        None,
        "logic",
        "https://www.coindesk.com/markets/2025/05/22/sui-networks-cetus-protocol-hit-in-apparent-hack-sending-token-prices-down-90",
    ),
    _row(
        "2025-06-25",
        "resupply",
        9.6,
        None,
        "oracle",
        "https://x.com/peckshield/status/1938061948647817647",
    ),
    _row(
        "2025-06-25",
        "silo",
        0.546,
        None,
        "logic",
        "https://x.com/CertiKAlert/status/1937882770216452174",
    ),
    _row(
        "2025-07-09",
        "gmx_v1",
        42.0,
        40.0,
        "logic",
        "https://x.com/peckshield/status/1942947860645134450",
    ),
    _row(
        "2025-09-02",
        "bunni_v2",
        8.4,
        None,
        "logic",
        "https://x.com/CertiKAlert/status/1962755574283768308",
    ),
    _row(
        "2025-10-04",
        "abracadabra",
        1.7,
        None,
        "logic",
        "https://x.com/Phalcon_xyz/status/1974533451408986417",
    ),
    _row(
        "2025-11-03",
        "balancer_v2",
        128.0,
        None,
        "logic",
        "https://x.com/lookonchain/status/1985258890863501820",
    ),
    _row(
        "2025-11-04",
        "moonwell",
        1.0,
        None,
        "oracle",
        "https://x.com/getfailsafe/status/1985628261913919702",
    ),
    _row(
        "2025-11-30",
        "yearn",
        9.0,
        None,
        "logic",
        "https://x.com/Togbe0x/status/1995240261816070482",
    ),
    _row(
        "2025-12-16",
        "yearn",
        0.3,
        None,
        "logic",
        "https://x.com/peckshieldalert/status/2001080131360842011",
    ),
)
"""In the order of their days."""


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


COHORT: dict[str, date] = {
    name: _month(month)
    for name, month in {
        "aave_v2": "2020-12",
        "aave_v3": "2022-03",
        "abracadabra": "2021-05",
        "alpaca": "2021-02",
        "balancer_v2": "2021-05",
        "compound_v2": "2019-05",
        "compound_v3": "2022-08",
        "convex": "2021-05",
        "curve": "2020-01",
        "frax": "2020-12",
        "gearbox": "2021-12",
        "gmx_v1": "2021-09",
        "lido": "2020-12",
        "liquity": "2021-04",
        "maker": "2019-11",
        "pancakeswap": "2020-09",
        "rocket_pool": "2021-11",
        "sushiswap": "2020-08",
        "synthetix": "2020-01",
        "uniswap_v2": "2020-05",
        "uniswap_v3": "2021-05",
        "venus": "2020-11",
        "yearn": "2020-07",
    }.items()
}
"""Protocols that were large at the end of 2023, and when each opened."""
