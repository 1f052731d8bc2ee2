"""
OpenZeppelin's ERC-4626 vault to the wei: shares of a pot, with virtual shares against donations.

Whoever deposits gets shares of what the vault holds, whoever redeems gets that part back; what
comes in between without shares (yield, gifts, attacks) makes every share worth more. The vault
reckons as if it held one unit of asset more and `10 ** offset` shares more than it does: so an
empty vault has a price, and a gift that would rob the next depositor costs its giver more.

Every conversion rounds in the vault's favour. Accounts are addresses, since refusals name them.

Specification: EIP-4626. Contract: npm @openzeppelin/contracts 5.7.0, ERC4626 over ERC20 (MIT, read
while this was written). Judge: that contract made concrete, compiled, in
`tests/exact/oracle/test_erc4626.py`. Assumptions: the asset is a plain ERC-20 token, and whoever
pays has the money and has allowed it; the vault only holds what it has (no strategy, no loss).
"""

from dataclasses import dataclass, field

from headframe.errors import Revert
from headframe.exact.checked_math import add
from headframe.exact.fixed import MAX_UINT256, PANIC_ARITHMETIC, revert_panic

NOBODY = "0x" + "00" * 20
"""The zero address: nobody can hold shares there."""

_SELECTORS = {
    "ERC4626ExceededMaxWithdraw": "fe9cceec",
    "ERC4626ExceededMaxRedeem": "b94abeec",
    "ERC20InvalidReceiver": "ec442f05",
    "ERC20InvalidApprover": "e602df05",
    "ERC20InvalidSpender": "94280d62",
    "ERC20InsufficientBalance": "e450d38c",
    "ERC20InsufficientAllowance": "fb8f41b2",
}


@dataclass(slots=True)
class Vault:
    """
    Everything that one vault stores, and the assets that it holds.

    `decimals_offset` is how many decimals more the shares have than the asset; `address` is the
    vault's own, so that what is paid out to the vault itself stays there.
    """

    decimals_offset: int = 0
    total_assets: int = 0
    total_supply: int = 0
    balances: dict[str, int] = field(default_factory=dict)
    allowances: dict[tuple[str, str], int] = field(default_factory=dict)
    address: str | None = None


# ---- conversions ---------------------------------------------------------------------------


def to_shares_down(vault: Vault, assets: int) -> int:
    """
    Shares that assets are worth, rounded down: what a deposit gets.

        floor(assets * (supply + 10^offset) / (total assets + 1))

    Source: ERC4626._convertToShares. Raises `Revert` (panic 0x11) beyond 256 bits.
    """
    return _mul_div_down(assets, *_virtual(vault))


def to_shares_up(vault: Vault, assets: int) -> int:
    """Shares that assets are worth, rounded up: what a withdrawal costs."""
    return _mul_div_up(assets, *_virtual(vault))


def to_assets_down(vault: Vault, shares: int) -> int:
    """
    Assets that shares are worth, rounded down: what a redemption gives.

        floor(shares * (total assets + 1) / (supply + 10^offset))

    Source: ERC4626._convertToAssets. Raises `Revert` (panic 0x11) beyond 256 bits.
    """
    supply, held = _virtual(vault)
    return _mul_div_down(shares, held, supply)


def to_assets_up(vault: Vault, shares: int) -> int:
    """Assets that shares are worth, rounded up: what minting costs."""
    supply, held = _virtual(vault)
    return _mul_div_up(shares, held, supply)


preview_deposit = convert_to_shares = to_shares_down
preview_withdraw = to_shares_up
preview_redeem = convert_to_assets = to_assets_down
preview_mint = to_assets_up


def max_redeem(vault: Vault, owner: str) -> int:
    """All shares of an owner."""
    return vault.balances.get(owner, 0)


def max_withdraw(vault: Vault, owner: str) -> int:
    """What all shares of an owner would give."""
    return preview_redeem(vault, max_redeem(vault, owner))


# ---- in and out ----------------------------------------------------------------------------


def deposit(vault: Vault, assets: int, *, receiver: str) -> int:
    """
    Pay assets in, for shares rounded down, which may be none. Returns the shares.

    Source: ERC4626.deposit. Raises `Revert`: nobody to receive, or beyond 256 bits.
    """
    shares = preview_deposit(vault, assets)
    _enter(vault, receiver, assets, shares)
    return shares


def mint(vault: Vault, shares: int, *, receiver: str) -> int:
    """
    Get so many shares, for assets rounded up. Returns the assets.

    Source: ERC4626.mint. Raises `Revert`: nobody to receive, or beyond 256 bits.
    """
    assets = preview_mint(vault, shares)
    _enter(vault, receiver, assets, shares)
    return assets


def withdraw(vault: Vault, assets: int, *, sender: str, receiver: str, owner: str) -> int:
    """
    Take so many assets, for an owner's shares rounded up. Returns the shares.

    Source: ERC4626.withdraw. Raises `Revert`: more than the owner has, or than he allowed.
    """
    most = max_withdraw(vault, owner)
    if assets > most:
        raise _revert("ERC4626ExceededMaxWithdraw", owner, assets, most)
    shares = preview_withdraw(vault, assets)
    _leave(vault, sender, receiver, owner, assets, shares)
    return shares


def redeem(vault: Vault, shares: int, *, sender: str, receiver: str, owner: str) -> int:
    """
    Give so many of an owner's shares back, for assets rounded down. Returns the assets.

    Source: ERC4626.redeem. Raises `Revert`: more than the owner has, or than he allowed.
    """
    most = max_redeem(vault, owner)
    if shares > most:
        raise _revert("ERC4626ExceededMaxRedeem", owner, shares, most)
    assets = preview_redeem(vault, shares)
    _leave(vault, sender, receiver, owner, assets, shares)
    return assets


def donate(vault: Vault, assets: int) -> None:
    """Send assets to the vault for no shares: yield, a gift, or an attack."""
    vault.total_assets += assets


# ---- shares as a token ---------------------------------------------------------------------


def approve(vault: Vault, spender: str, shares: int, *, sender: str) -> None:
    """Allow another to use shares. Source: ERC20.approve. Raises `Revert`: nobody allowed."""
    if spender == NOBODY:
        raise _revert("ERC20InvalidSpender", spender)
    vault.allowances[sender, spender] = shares


def transfer(vault: Vault, to: str, shares: int, *, sender: str) -> None:
    """Hand shares over. Source: ERC20.transfer. Raises `Revert`: to nobody, or more than held."""
    _check_transfer(vault, sender, to, shares)
    _move(vault, sender, to, shares)


def transfer_from(vault: Vault, owner: str, to: str, shares: int, *, sender: str) -> None:
    """
    Hand another's shares over.

    Source: ERC20.transferFrom. Raises `Revert`: not allowed, to nobody, or more than held.
    """
    left = _allowance_left(vault, owner, sender, shares)
    _check_transfer(vault, owner, to, shares)
    vault.allowances.update(left)
    _move(vault, owner, to, shares)


# ---- what they have in common --------------------------------------------------------------


def _virtual(vault: Vault) -> tuple[int, int]:
    supply = add(vault.total_supply, 10**vault.decimals_offset)
    return supply, add(vault.total_assets, 1)


def _enter(vault: Vault, receiver: str, assets: int, shares: int) -> None:
    if receiver == NOBODY:
        raise _revert("ERC20InvalidReceiver", receiver)
    vault.total_supply = add(vault.total_supply, shares)
    vault.balances[receiver] = vault.balances.get(receiver, 0) + shares
    vault.total_assets += assets


def _leave(vault: Vault, sender: str, receiver: str, owner: str, assets: int, shares: int) -> None:
    # Shares suffice: `max_withdraw` and `max_redeem` were asked before.
    if sender != owner:
        vault.allowances.update(_allowance_left(vault, owner, sender, shares))
    vault.balances[owner] = vault.balances.get(owner, 0) - shares
    vault.total_supply -= shares
    if receiver != vault.address:
        vault.total_assets -= assets


def _allowance_left(
    vault: Vault, owner: str, spender: str, shares: int
) -> dict[tuple[str, str], int]:
    """What an allowance becomes when it is used; an unlimited one is never used up."""
    allowed = vault.allowances.get((owner, spender), 0)
    if allowed == MAX_UINT256:
        return {}
    if allowed < shares:
        raise _revert("ERC20InsufficientAllowance", spender, allowed, shares)
    if owner == NOBODY:
        raise _revert("ERC20InvalidApprover", owner)
    return {(owner, spender): allowed - shares}


def _check_transfer(vault: Vault, owner: str, to: str, shares: int) -> None:
    if to == NOBODY:
        raise _revert("ERC20InvalidReceiver", to)
    held = vault.balances.get(owner, 0)
    if held < shares:
        raise _revert("ERC20InsufficientBalance", owner, held, shares)


def _move(vault: Vault, owner: str, to: str, shares: int) -> None:
    vault.balances[owner] = vault.balances.get(owner, 0) - shares
    vault.balances[to] = vault.balances.get(to, 0) + shares


def _mul_div_down(x: int, y: int, d: int) -> int:
    result = x * y // d
    if result > MAX_UINT256:
        raise revert_panic(PANIC_ARITHMETIC, x=x, y=y, d=d)
    return result


def _mul_div_up(x: int, y: int, d: int) -> int:
    result = -(-x * y // d)
    if result > MAX_UINT256:
        raise revert_panic(PANIC_ARITHMETIC, x=x, y=y, d=d)
    return result


def _revert(error: str, who: str, *numbers: int) -> Revert:
    """Build a refusal by a named error whose first argument is an address."""
    data = bytes.fromhex(_SELECTORS[error])
    data += b"".join(word.to_bytes(32, "big") for word in (int(who, 16), *numbers))
    return Revert(error, data)
