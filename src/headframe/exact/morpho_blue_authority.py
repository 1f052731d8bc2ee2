"""
Who may do what in Morpho Blue: the owner's few calls, new markets, and users who allow others.

The owner can enable interest models and limits, and take a share of the interest; he can neither
disable one nor touch a market otherwise. Anybody opens a market out of what is enabled. A user may
let another act for him, by a call or by a signature that anybody hands in.

Contract: npm @morpho-org/morpho-blue 1.0.0 (BUSL-1.1), the compiled form of which judges this file;
written from formula notes and that behaviour, the source closed.
Assumption: signatures are checked elsewhere; here their signer is an argument.
"""

from collections.abc import Hashable

from headframe.exact.fixed import WAD, revert_error
from headframe.exact.morpho_blue_market import (
    Draft,
    Irm,
    Market,
    MarketParams,
    Morpho,
    accrue,
    created,
)
from headframe.exact.morpho_blue_math import MAX_FEE_WAD

# ---- the owner -----------------------------------------------------------------------------


def set_owner(morpho: Morpho, new_owner: Hashable | None, *, sender: Hashable) -> None:
    """Hand the ownership over, at once. Raises `Revert`: not the owner, or no change."""
    _check_owner(morpho, sender)
    _check_change(new_owner != morpho.owner)
    morpho.owner = new_owner


def enable_irm(morpho: Morpho, irm: Irm | None, *, sender: Hashable) -> None:
    """Let new markets use an interest model. Raises `Revert`: not the owner, or enabled already."""
    _check_owner(morpho, sender)
    _check_change(irm not in morpho.enabled_irms)
    morpho.enabled_irms.add(irm)


def enable_lltv(morpho: Morpho, lltv_wad: int, *, sender: Hashable) -> None:
    """
    Let new markets use a limit of debt over collateral.

    Source: Morpho.enableLltv. Raises `Revert`: not the owner, enabled already, or not below one.
    """
    _check_owner(morpho, sender)
    _check_change(lltv_wad not in morpho.enabled_lltvs)
    if lltv_wad >= WAD:
        raise revert_error("max LLTV exceeded", lltv_wad=lltv_wad)
    morpho.enabled_lltvs.add(lltv_wad)


def set_fee(
    morpho: Morpho, params: MarketParams, new_fee_wad: int, *, sender: Hashable, now_ts: int
) -> None:
    """
    Set the protocol's share of a market's interest; what accrued so far pays the old one.

    Source: Morpho.setFee. Raises `Revert`: not the owner, no such market, no change, above 25 %.
    """
    _check_owner(morpho, sender)
    draft = created(morpho, params)
    _check_change(new_fee_wad != draft.market.fee_wad)
    if new_fee_wad > MAX_FEE_WAD:
        raise revert_error("max fee exceeded", new_fee_wad=new_fee_wad)
    accrue(draft, now_ts=now_ts)
    draft.market.fee_wad = new_fee_wad
    draft.book()


def set_fee_recipient(
    morpho: Morpho, new_fee_recipient: Hashable | None, *, sender: Hashable
) -> None:
    """
    Name who receives fees from now on; what has not accrued yet goes to the new one too.

    Source: Morpho.setFeeRecipient. Raises `Revert`: not the owner, or no change.
    """
    _check_owner(morpho, sender)
    _check_change(new_fee_recipient != morpho.fee_recipient)
    morpho.fee_recipient = new_fee_recipient


# ---- anybody -------------------------------------------------------------------------------


def create_market(morpho: Morpho, params: MarketParams, *, now_ts: int) -> None:
    """
    Open a market; its interest model sees it for the first time.

    Source: Morpho.createMarket. Raises `Revert`: model or limit not enabled, or market there.
    """
    if params.irm not in morpho.enabled_irms:
        raise revert_error("IRM not enabled")
    if params.lltv_wad not in morpho.enabled_lltvs:
        raise revert_error("LLTV not enabled", lltv_wad=params.lltv_wad)
    if params in morpho.markets:
        raise revert_error("market already created")
    draft = Draft(morpho, params, Market(last_update=now_ts), irm_word=0)
    if params.irm is not None:
        _, draft.irm_word = params.irm(draft.market, 0, now_ts)
    draft.book()


def set_authorization(
    morpho: Morpho, authorized: Hashable, new_is_authorized: bool, *, sender: Hashable
) -> None:
    """
    Let another act for oneself, or no longer.

    Source: Morpho.setAuthorization. Raises `Revert` where that changes nothing.
    """
    _check_change(((sender, authorized) in morpho.authorized) != new_is_authorized)
    _authorize(morpho, sender, authorized, new_is_authorized)


def set_authorization_with_sig(
    morpho: Morpho,
    *,
    authorizer: Hashable,
    authorized: Hashable,
    is_authorized: bool,
    nonce: int,
    deadline_ts: int,
    signatory: Hashable | None,
    now_ts: int,
) -> None:
    """
    Do the same with a signature: who signed is an argument, None for a signature of nobody.

    It may change nothing, and still uses the nonce up. Source: Morpho.setAuthorizationWithSig.
    Raises `Revert`: too late, not the next nonce, or not signed by the authorizer.
    """
    if now_ts > deadline_ts:
        raise revert_error("signature expired", now_ts=now_ts, deadline_ts=deadline_ts)
    if nonce != morpho.nonces.get(authorizer, 0):
        raise revert_error("invalid nonce", nonce=nonce)
    if signatory is None or signatory != authorizer:
        raise revert_error("invalid signature")
    morpho.nonces[authorizer] = nonce + 1
    _authorize(morpho, authorizer, authorized, is_authorized)


def _authorize(morpho: Morpho, user: Hashable, other: Hashable, allowed: bool) -> None:
    if allowed:
        morpho.authorized.add((user, other))
    else:
        morpho.authorized.discard((user, other))


def _check_owner(morpho: Morpho, sender: Hashable) -> None:
    if sender != morpho.owner:
        raise revert_error("not owner")


def _check_change(changes: bool) -> None:
    if not changes:
        raise revert_error("already set")
