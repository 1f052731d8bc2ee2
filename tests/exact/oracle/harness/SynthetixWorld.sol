// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What stands around Synthetix's own contracts while they are judged: feeds, an escrow that is a
/// plain balance, and the answers of those parts that are left out (no loans, no wrappers, no
/// tripped breakers).
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

interface Token {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

contract SynthetixEscrow {
    Token internal snx;
    mapping(address => uint256) public balanceOf;

    function bind(Token token) external { snx = token; }

    function createEscrowEntry(address account, uint256 amount, uint256) external {
        require(snx.transferFrom(msg.sender, address(this), amount));
        balanceOf[account] += amount;
    }

    function revokeFrom(address account, address recipient, uint256 amount, uint256) external {
        balanceOf[account] -= amount;
        require(snx.transfer(recipient, amount));
    }
}

contract SynthetixWorld {
    uint256 public fees;

    function probeCircuitBreaker(address, uint256) external pure returns (bool) { return false; }
    function isInvalid(address, uint256) external pure returns (bool) { return false; }
    function totalLong() external pure returns (uint256, bool) { return (0, false); }
    function totalShort() external pure returns (uint256, bool) { return (0, false); }
    function totalIssuedSynths() external pure returns (uint256) { return 0; }
    function totalDebt() external pure returns (uint256, bool) { return (0, false); }
    function getDiscountRate() external pure returns (uint256) { return 1e18; }
    function recordFeePaid(uint256 amount) external { fees += amount; }
    function FEE_ADDRESS() external pure returns (address) {
        return 0xfeEFEEfeefEeFeefEEFEEfEeFeefEEFeeFEEFEeF;
    }
}
