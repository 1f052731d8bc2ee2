// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {MathUtils} from "src/contracts/protocol/libraries/math/MathUtils.sol";
import {PercentageMath} from "src/contracts/protocol/libraries/math/PercentageMath.sol";
import {WadRayMath} from "src/contracts/protocol/libraries/math/WadRayMath.sol";
import {TokenMath} from "src/contracts/protocol/libraries/helpers/TokenMath.sol";

/// Opens the internal libraries of Aave 3.6 to calls from outside, so that they can be judges.
contract AaveV36Math {
    function rayMul(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayMul(a, b); }
    function rayMulFloor(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayMulFloor(a, b); }
    function rayMulCeil(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayMulCeil(a, b); }
    function rayDiv(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayDiv(a, b); }
    function rayDivFloor(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayDivFloor(a, b); }
    function rayDivCeil(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.rayDivCeil(a, b); }
    function wadMul(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.wadMul(a, b); }
    function wadDiv(uint256 a, uint256 b) external pure returns (uint256) { return WadRayMath.wadDiv(a, b); }
    function percentMul(uint256 a, uint256 b) external pure returns (uint256) { return PercentageMath.percentMul(a, b); }
    function percentMulFloor(uint256 a, uint256 b) external pure returns (uint256) { return PercentageMath.percentMulFloor(a, b); }
    function percentMulCeil(uint256 a, uint256 b) external pure returns (uint256) { return PercentageMath.percentMulCeil(a, b); }
    function percentDiv(uint256 a, uint256 b) external pure returns (uint256) { return PercentageMath.percentDiv(a, b); }
    function percentDivCeil(uint256 a, uint256 b) external pure returns (uint256) { return PercentageMath.percentDivCeil(a, b); }
    function compounded(uint256 rate, uint256 dt) external pure returns (uint256) {
        return MathUtils.calculateCompoundedInterest(rate, 0, dt);
    }
    function aTokenMint(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getATokenMintScaledAmount(a, index); }
    function aTokenBurn(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getATokenBurnScaledAmount(a, index); }
    function aTokenTransfer(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getATokenTransferScaledAmount(a, index); }
    function aTokenBalance(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getATokenBalance(a, index); }
    function vTokenMint(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getVTokenMintScaledAmount(a, index); }
    function vTokenBurn(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getVTokenBurnScaledAmount(a, index); }
    function vTokenBalance(uint256 a, uint256 index) external pure returns (uint256) { return TokenMath.getVTokenBalance(a, index); }
}
