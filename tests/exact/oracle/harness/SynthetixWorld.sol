// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What stands around Synthetix's own contracts while they are judged: feeds, and the answers of
/// those parts that are left out (no loans, no wrappers, no tripped breakers, no older escrow).
contract SynthetixFeed {
    struct Round { int256 answer; uint256 time; }
    Round[] internal rounds;

    function decimals() external pure returns (uint8) { return 18; }
    function push(int256 answer, uint256 time) external { rounds.push(Round(answer, time)); }
    function date(uint256 time) external { rounds[rounds.length - 1].time = time; }
    function latestRound() external view returns (uint256) { return rounds.length; }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(uint80(rounds.length));
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        if (id == 0 || id > rounds.length) return (id, 0, 0, 0, id);
        Round storage round = rounds[id - 1];
        return (id, round.answer, round.time, round.time, id);
    }
}

/// The escrow before this one, in which nobody ever had anything.
contract SynthetixFrozenEscrow {
    function nextEntryId() external pure returns (uint256) { return 1; }
    function totalEscrowedBalance() external pure returns (uint256) { return 0; }
    function totalEscrowedAccountBalance(address) external pure returns (uint256) { return 0; }
    function totalVestedAccountBalance(address) external pure returns (uint256) { return 0; }
    function numVestingEntries(address) external pure returns (uint256) { return 0; }
    function vestingSchedules(address, uint256) external pure returns (uint64, uint256) { return (0, 0); }
}

contract SynthetixWorld {
    function probeCircuitBreaker(address, uint256) external pure returns (bool) { return false; }
    function isInvalid(address, uint256) external pure returns (bool) { return false; }
    function totalLong() external pure returns (uint256, bool) { return (0, false); }
    function totalShort() external pure returns (uint256, bool) { return (0, false); }
    function totalIssuedSynths() external pure returns (uint256) { return 0; }
    function totalDebt() external pure returns (uint256, bool) { return (0, false); }
    function getDiscountRate() external pure returns (uint256) { return 1e18; }
    function hasCollateral(address) external pure returns (bool) { return false; }
    function distributeFees() external {}
    function closeFeePeriod(uint256, uint256) external {}
}
