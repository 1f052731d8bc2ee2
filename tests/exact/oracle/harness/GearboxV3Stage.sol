// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.17;

/// What Gearbox's contracts ask of their surroundings: roles, registers, accounts, prices.

contract Acl {
    address public immutable owner = msg.sender;

    function isConfigurator(address who) external view returns (bool) { return who == owner; }
    function hasRole(bytes32, address who) external view returns (bool) { return who == owner; }
}

contract Register {
    mapping(address => bool) public isPool;
    mapping(address => bool) public isCreditManager;

    function addPool(address pool) external { isPool[pool] = true; }
    function addCreditManager(address manager) external { isCreditManager[manager] = true; }
}

contract Accounts {
    address[] public free;

    function put(address account) external { free.push(account); }
    function addCreditManager(address) external {}
    function returnCreditAccount(address account) external { free.push(account); }

    function takeCreditAccount(uint256, uint256) external returns (address account) {
        account = free[free.length - 1];
        free.pop();
    }
}

contract Feed {
    int256 public price;
    uint256 public updated;
    uint8 public constant decimals = 8;
    bool public constant skipPriceCheck = false;
    bool public constant updatable = false;
    string public constant description = "dial";
    uint256 public constant version = 3_10;
    bytes32 public constant contractType = "PRICE_FEED::DIAL";

    constructor() { set(1e8); }
    function set(int256 newPrice) public { price = newPrice; updated = block.timestamp; }
    function serialize() external view returns (bytes memory) {}

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (0, price, 0, updated, 0);
    }
}

contract Token {
    string public name = "token";
    string public symbol = "TKN";
    uint8 public immutable decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor(uint8 decimals_) { decimals = decimals_; }
    function set(address who, uint256 amount) external { balanceOf[who] = amount; }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// Calls others for its owner, and answers what a credit manager or a staking contract is asked.
contract Caller {
    address public pool;
    uint16 public getCurrentEpoch;

    function setPool(address newPool) external { pool = newPool; }
    function setEpoch(uint16 epoch) external { getCurrentEpoch = epoch; }

    function act(address target, bytes calldata data) external {
        (bool done, bytes memory answer) = target.call(data);
        assembly {
            if iszero(done) { revert(add(answer, 32), mload(answer)) }
            return(add(answer, 32), mload(answer))
        }
    }
}

/// Address provider, price feed store, bot list and loss policy in one: it answers with one word.
contract Surroundings {
    uint256 public lossAllowed = 1;

    function setLossAllowed(uint256 allowed) external { lossAllowed = allowed; }
    function getAddressOrRevert(bytes32, uint256) external view returns (address) { return address(this); }
    function getStalenessPeriod(address) external pure returns (uint32) { return type(uint32).max; }

    fallback() external {
        uint256 word = lossAllowed;
        assembly {
            mstore(0, word)
            return(0, 32)
        }
    }
}
