"""
Conversion factors, and nowhere else.

Time is in seconds, a year has 365 days, a rate is a decimal per year unless its name says more.
"""

SECOND_S = 1.0
"""One second, in seconds."""
MINUTE_S = 60.0
"""One minute, in seconds."""
HOUR_S = 3_600.0
"""One hour, in seconds."""
DAY_S = 86_400.0
"""One day, in seconds."""
WEEK_S = 604_800.0
"""One week, in seconds."""
YEAR_S = 31_536_000.0
"""One year of 365 days, in seconds: the year of `_apr` and `_apy` and of the lending contracts."""
DAYS_PER_YEAR = 365.0
"""Days in that year."""
HOURS_PER_DAY = 24.0
"""Hours in a day."""

BPS = 1e-4
"""One basis point as a fraction."""
PIPS = 1e-6
"""One pip (Uniswap v3's fee unit) as a fraction."""

SAT_PER_BTC = 100_000_000
"""Satoshi in one bitcoin."""
GWEI_PER_ETH = 1_000_000_000
"""Gwei in one ether."""
WEI_PER_ETH = 10**18
"""Wei in one ether."""

GH_PER_TH = 1e3
"""Gigahashes in one terahash."""
TH_PER_PH = 1e3
"""Terahashes in one petahash."""
TH_PER_EH = 1e6
"""Terahashes in one exahash."""
HASHES_PER_TH = 1e12
"""Hashes in one terahash."""
HASHES_PER_DIFFICULTY = 4_294_967_296.0
"""Expected hashes for one block at difficulty 1, the field's rounded 2^32."""

J_PER_KWH = 3_600_000.0
"""Joules in one kilowatt-hour."""
W_PER_KW = 1e3
"""Watts in one kilowatt."""
KW_PER_MW = 1e3
"""Kilowatts in one megawatt."""
KWH_PER_MWH = 1e3
"""Kilowatt-hours in one megawatt-hour."""
KG_PER_T = 1e3
"""Kilograms in one tonne."""
