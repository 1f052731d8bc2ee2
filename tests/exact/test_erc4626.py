"""ERC-4626 without an EVM: donations worked by hand, roundings, refusals."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headframe.errors import Revert
from headframe.exact import erc4626
from headframe.exact.fixed import panic_data

ALICE, BOB, CAROL = (f"0x{digit * 40}" for digit in "123")
TOKEN = 10**18
amount = st.integers(1, 10**30)


def test_a_donation_before_the_first_deposit_costs_its_giver_a_third():
    # Bob owns 1 share and gives 1 token. Alice's token buys 1e18 * 2 / (1e18 + 2) = 1 share; of
    # 2e18 + 2 units and 3 shares (one is virtual) each of them has a third, and Bob paid 1e18 + 1.
    vault = erc4626.Vault()
    assert erc4626.deposit(vault, 1, receiver=BOB) == 1
    erc4626.donate(vault, TOKEN)
    assert erc4626.deposit(vault, TOKEN, receiver=ALICE) == 1
    assert erc4626.preview_redeem(vault, 1) == 666_666_666_666_666_667


def test_an_offset_of_three_takes_half_of_the_donation_and_leaves_the_victim_whole():
    # Bob: 1000 shares for 1 unit. Alice: 1e18 * 2000 / (1e18 + 2) = 1999 shares. Of 3999 shares
    # (1000 are virtual) and 2e18 + 2 units Alice has 0.99975 tokens, Bob 0.50013 of his 1.
    vault = erc4626.Vault(decimals_offset=3)
    assert erc4626.deposit(vault, 1, receiver=BOB) == 1_000
    erc4626.donate(vault, TOKEN)
    assert erc4626.deposit(vault, TOKEN, receiver=ALICE) == 1_999
    assert erc4626.preview_redeem(vault, 1_999) == 1_999 * (2 * TOKEN + 2) // 3_999
    assert erc4626.preview_redeem(vault, 1_000) == 500_125_031_257_814_454


def test_yield_is_shared_and_the_rounding_stays():
    # 100 of Alice and 200 of Bob, 30 of yield: 331 / 301 units a share, 109.96... and 219.93...
    vault = erc4626.Vault()
    erc4626.deposit(vault, 100, receiver=ALICE)
    erc4626.deposit(vault, 200, receiver=BOB)
    erc4626.donate(vault, 30)
    who = {"sender": ALICE, "receiver": ALICE, "owner": ALICE}
    assert erc4626.max_withdraw(vault, ALICE) == 109
    assert erc4626.withdraw(vault, 109, **who) == 100
    assert erc4626.redeem(vault, 200, sender=BOB, receiver=BOB, owner=BOB) == 220
    assert (vault.total_supply, vault.total_assets) == (0, 1)


def test_refusals_name_whom_they_concern():
    vault = erc4626.Vault()
    erc4626.deposit(vault, 5, receiver=ALICE)
    words = (int(ALICE, 16), 6, 5)
    expected = bytes.fromhex("b94abeec") + b"".join(w.to_bytes(32, "big") for w in words)
    with pytest.raises(Revert) as refused:
        erc4626.redeem(vault, 6, sender=ALICE, receiver=ALICE, owner=ALICE)
    assert refused.value.data == expected


def test_an_allowance_is_used_up_and_an_unlimited_one_is_not():
    vault = erc4626.Vault()
    erc4626.deposit(vault, 100, receiver=ALICE)
    erc4626.approve(vault, BOB, 10, sender=ALICE)
    erc4626.transfer_from(vault, ALICE, CAROL, 4, sender=BOB)
    erc4626.redeem(vault, 6, sender=BOB, receiver=BOB, owner=ALICE)
    with pytest.raises(Revert):
        erc4626.transfer_from(vault, ALICE, CAROL, 1, sender=BOB)
    erc4626.approve(vault, BOB, (1 << 256) - 1, sender=ALICE)
    erc4626.transfer_from(vault, ALICE, CAROL, 1, sender=BOB)
    assert vault.allowances[ALICE, BOB] == (1 << 256) - 1
    assert vault.balances == {ALICE: 89, CAROL: 5}


@pytest.mark.parametrize(
    "act",
    [
        lambda v: erc4626.deposit(v, 1, receiver=erc4626.NOBODY),
        lambda v: erc4626.mint(v, (1 << 256) - 1, receiver=ALICE),
        lambda v: erc4626.withdraw(v, 10**6, sender=ALICE, receiver=ALICE, owner=ALICE),
        lambda v: erc4626.redeem(v, 1, sender=BOB, receiver=BOB, owner=ALICE),
        lambda v: erc4626.transfer(v, BOB, 10**6, sender=ALICE),
        lambda v: erc4626.approve(v, erc4626.NOBODY, 1, sender=ALICE),
    ],
)
def test_what_is_refused_changes_nothing(act):
    vault = erc4626.Vault(decimals_offset=2)
    erc4626.deposit(vault, 100, receiver=ALICE)
    before = copy.deepcopy(vault)
    with pytest.raises(Revert):
        act(vault)
    assert vault == before


def test_a_product_that_does_not_fit_panics():
    vault = erc4626.Vault()
    erc4626.donate(vault, 10**20)
    with pytest.raises(Revert) as refused:
        erc4626.preview_mint(vault, (1 << 256) - 1)
    assert refused.value.data == panic_data(0x11)


@given(amount, amount, amount, st.integers(0, 18))
def test_nobody_gains_by_a_round_trip(first, gift, assets, offset):
    vault = erc4626.Vault(decimals_offset=offset)
    erc4626.deposit(vault, first, receiver=BOB)
    erc4626.donate(vault, gift)
    shares = erc4626.deposit(vault, assets, receiver=ALICE)
    assert erc4626.preview_redeem(vault, shares) <= assets
    paid = erc4626.mint(vault, 10**6, receiver=CAROL)
    assert erc4626.preview_redeem(vault, 10**6) <= paid
    assert erc4626.preview_withdraw(vault, paid) >= 10**6
