"""
Heat of machines that takes the place of a boiler's: what it is worth, and power net of it.

Nearly all the power of a machine leaves it as heat. Where somebody can use it, it is worth the fuel
that a boiler would have burnt, less what the exchanger costs over its life.

    credit = useful heat x fuel price / boiler efficiency - equipment / life

>>> round(net_power_usd_per_mwh(60.0, useful_share=0.5, fuel_usd_per_mwh=40.0,
...                             boiler_efficiency=0.8), 9)
35.0
"""

from headframe.analytics.domain import (
    Real,
    require_finite,
    require_non_negative,
    require_positive,
    require_share,
    require_threshold,
)


def credit_usd_per_year(
    *,
    useful_mwh_per_year: Real,
    fuel_usd_per_mwh: Real,
    boiler_efficiency: Real,
    equipment_usd: Real = 0.0,
    life_years: Real = 1.0,
) -> Real:
    """
    Yearly worth of heat that is used, less the equipment's straight-line share.

        heat fuel / efficiency - equipment / life

    Fuel and heat are both thermal megawatt-hours (1 MMBtu = 0.293071 MWh). Negative where the
    equipment costs more than the heat is worth.
    """
    require_non_negative(
        useful_mwh_per_year=useful_mwh_per_year,
        fuel_usd_per_mwh=fuel_usd_per_mwh,
        equipment_usd=equipment_usd,
    )
    require_threshold(boiler_efficiency=boiler_efficiency)
    require_positive(life_years=life_years)
    return useful_mwh_per_year * fuel_usd_per_mwh / boiler_efficiency - equipment_usd / life_years


def net_power_usd_per_mwh(
    power_usd_per_mwh: Real,
    *,
    useful_share: Real,
    fuel_usd_per_mwh: Real,
    boiler_efficiency: Real,
) -> Real:
    """
    Cost of one more megawatt-hour, the heat that it gives sold: equipment is sunk and left out.

        power - useful share x fuel / efficiency
    """
    require_finite(power_usd_per_mwh=power_usd_per_mwh)
    require_share(useful_share=useful_share)
    require_non_negative(fuel_usd_per_mwh=fuel_usd_per_mwh)
    require_threshold(boiler_efficiency=boiler_efficiency)
    return power_usd_per_mwh - useful_share * fuel_usd_per_mwh / boiler_efficiency
