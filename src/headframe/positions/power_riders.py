"""
Charges and credits beside the price of energy: the riders of a mine's power contract, by kind.

    demand_charge       the month's highest power, at a price a kilowatt         demand_charge
    coincident_peak     next year's transmission, by the load in system peaks    demand_charge
    reserve             capacity sold to the grid, fined where it is missing     demand_response,
                                                                                 penalty
    curtailment_credit  pay for energy not used of a baseline                    demand_response
    heat                heat sold in the place of a boiler's                     heat, depreciation
    carbon              emissions, and a price on them                           carbon

Each has a file of its own; `rider` is the frame that they share.
"""

from typing import Annotated

from pydantic import Field

from headframe.positions.rider_carbon import Carbon
from headframe.positions.rider_coincident_peak import CoincidentPeak
from headframe.positions.rider_curtailment_credit import CurtailmentCredit
from headframe.positions.rider_demand_charge import DemandCharge
from headframe.positions.rider_heat import HeatReuse
from headframe.positions.rider_reserve import Reserve

PowerRider = Annotated[
    DemandCharge | CoincidentPeak | Reserve | CurtailmentCredit | HeatReuse | Carbon,
    Field(discriminator="kind"),
]
"""A rider by its kind."""
