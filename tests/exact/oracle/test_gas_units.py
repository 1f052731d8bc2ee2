"""Gas of the constant-product figures, on the released bytecode, each as its own transaction."""

import pytest

from headframe.analytics.gas_units import V2_ADD, V2_REMOVE, V2_SWAP

V2_CORE, PERIPHERY = "@uniswap/v2-core", "@uniswap/v2-periphery"
E18, LATE = 10**18, 1 << 60
ADD = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
REMOVE = "removeLiquidity(address,address,uint256,uint256,uint256,address,uint256)"
SWAP = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"


@pytest.mark.oracle(V2_CORE, PERIPHERY)
def test_v2_gas_is_what_the_bytecode_uses():
    from judge.abi import call
    from judge.artifacts import creation_code
    from judge.chain import OWNER, Chain
    from judge.cold import gas_of

    def code(package, name):
        return creation_code(package, f"package/build/{name}.json")

    chain = Chain()
    chain.at(1_700_000_000)
    tokens = sorted(chain.deploy(code(V2_CORE, "ERC20"), 10**30) for _ in range(2))
    factory = chain.deploy(code(V2_CORE, "UniswapV2Factory"), OWNER)
    router = chain.deploy(code(PERIPHERY, "UniswapV2Router02"), factory, tokens[0])
    chain.must(OWNER, factory, "createPair(address,address)", *tokens)
    pair = chain.address_of(factory, "getPair(address,address)", *tokens)
    for token in (*tokens, pair):
        chain.must(OWNER, token, "approve(address,uint256)", router, 1 << 200)
    chain.must(OWNER, router, ADD, *tokens, 1000 * E18, 2000 * E18, 0, 0, OWNER, LATE)

    def gas(signature, *arguments):
        return gas_of(chain, 1_700_000_100, OWNER, router, signature, *arguments)

    path = [int(token, 16) for token in tokens]
    cases = (
        (V2_ADD, (ADD, *tokens, E18, 2 * E18, 0, 0, OWNER, LATE)),
        (V2_REMOVE, (REMOVE, *tokens, E18, 0, 0, OWNER, LATE)),
        (V2_SWAP, (SWAP, E18, 0, path, OWNER, LATE)),
    )
    for action, asked in cases:
        assert gas(*asked) == pytest.approx(action.gas, abs=500)
        assert len(call(*asked)) == action.calldata
