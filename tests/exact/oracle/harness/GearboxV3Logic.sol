// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.17;

import {CollateralDebtData} from "contracts/interfaces/ICreditManagerV3.sol";
import {IPriceOracleV3} from "contracts/interfaces/IPriceOracleV3.sol";
import {CollateralLogic} from "contracts/libraries/CollateralLogic.sol";
import {CreditLogic} from "contracts/libraries/CreditLogic.sol";
import {QuotasLogic} from "contracts/libraries/QuotasLogic.sol";

/// Opens the internal libraries of Gearbox v3 to calls from outside, so that they can be judges.
contract GearboxV3Logic {
    function calcLinearGrowth(uint256 value, uint256 since) external view returns (uint256) {
        return CreditLogic.calcLinearGrowth(value, since);
    }

    function calcAccruedInterest(uint256 amount, uint256 indexThen, uint256 indexNow) external pure returns (uint256) {
        return CreditLogic.calcAccruedInterest(amount, indexThen, indexNow);
    }

    function calcTotalDebt(uint256 debt, uint256 interest, uint256 fees) external pure returns (uint256) {
        CollateralDebtData memory cdd;
        cdd.debt = debt;
        cdd.accruedInterest = interest;
        cdd.accruedFees = fees;
        return CreditLogic.calcTotalDebt(cdd);
    }

    function calcLiquidationPayments(
        uint256 debt, uint256 interest, uint256 fees, uint256 totalValue, uint16 fee, uint16 discount
    ) external view returns (uint256, uint256, uint256, uint256) {
        CollateralDebtData memory cdd;
        cdd.debt = debt;
        cdd.accruedInterest = interest;
        cdd.accruedFees = fees;
        cdd.totalValue = totalValue;
        return CreditLogic.calcLiquidationPayments(cdd, fee, discount, same, same);
    }

    function getLiquidationThreshold(uint16 first, uint16 last, uint40 start, uint24 duration)
        external view returns (uint16)
    {
        return CreditLogic.getLiquidationThreshold(first, last, start, duration);
    }

    function calcIncrease(uint256 amount, uint256 debt, uint256 indexNow, uint256 indexThen)
        external pure returns (uint256, uint256)
    {
        return CreditLogic.calcIncrease(amount, debt, indexNow, indexThen);
    }

    function calcDecrease(
        uint256 amount, uint256 debt, uint256 indexNow, uint256 indexThen, uint128 quotaInterest,
        uint128 quotaFees, uint16 feeInterest
    ) external pure returns (uint256, uint256, uint256, uint128, uint128) {
        return CreditLogic.calcDecrease(amount, debt, indexNow, indexThen, quotaInterest, quotaFees, feeInterest);
    }

    function cumulativeIndexSince(uint192 index, uint16 rate, uint256 since) external view returns (uint192) {
        return QuotasLogic.cumulativeIndexSince(index, rate, since);
    }

    function calcAccruedQuotaInterest(uint96 quoted, uint192 indexNow, uint192 indexThen)
        external pure returns (uint128)
    {
        return QuotasLogic.calcAccruedQuotaInterest(quoted, indexNow, indexThen);
    }

    function calcQuotaRevenueChange(uint16 rate, int256 change) external pure returns (int256) {
        return QuotasLogic.calcQuotaRevenueChange(rate, change);
    }

    function calcActualQuotaChange(uint96 total, uint96 limit, int96 wanted) external pure returns (int96) {
        return QuotasLogic.calcActualQuotaChange(total, limit, wanted);
    }

    function calcCollateral(
        address[] calldata tokens, uint256[] calldata quotas, address account, address underlying, uint16 lt,
        uint256 target, address oracle
    ) external view returns (uint256, uint256) {
        return CollateralLogic.calcCollateral(tokens, quotas, account, underlying, lt, target, convert, oracle);
    }

    function packQuota(uint96 quota, uint16 lt) external pure returns (uint256) {
        return CollateralLogic.packQuota(quota, lt);
    }

    function convert(address oracle, uint256 amount, address token) internal view returns (uint256) {
        return IPriceOracleV3(oracle).convertToUSD(amount, token);
    }

    function same(uint256 amount) internal pure returns (uint256) {
        return amount;
    }
}
