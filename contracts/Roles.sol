// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Roles
/// @notice The roles that a deployment gives, and their delays in seconds: what they are unless it
/// chooses otherwise, and the least that it may choose.
///
/// WHO
/// The council holds ADMIN, LISTER, DELISTER, MASS_DELISTER, MEMBERSHIP and PROTECTOR, each with
/// its delay. The signed act holds EMERGENCY. A guardian, if there is one, holds VETO; a keeper, if
/// there is one, KEEPER. Nobody holds anything else.
/// The deployer is ADMIN only until the deployment's last call, in which it gives the role to the
/// council and renounces its own. From then on no key holds ADMIN.
///
/// WHAT
/// LISTER calls Blocklist.list; DELISTER Blocklist.delist; MASS_DELISTER Blocklist.delistMany;
/// EMERGENCY Blocklist.listProvisional and retract; PROTECTOR Blocklist.protect and unprotect;
/// MEMBERSHIP Seats.add and remove; KEEPER Blocklist.attest, which changes no address.
/// ADMIN grants and revokes roles and says which role calls which function; every function that is
/// not named here is ADMIN's.
///
/// HOW FAST
/// Listing and retracting are immediate, and so is an attestation. Unless a deployment chooses
/// otherwise, delisting waits a day, delisting more than 15 % of the list three, a change of seats
/// three, a change of protection or of any rule seven.
/// A deployment may choose no delay below its least, and none above 30 days; delisting much waits
/// no less than delisting little; and a rule waits no less than anything else, for a changed rule
/// could end another delay before its time.
///
/// VETO
/// The guardian may cancel a delisting or a change of seats while it waits, and nothing else: it
/// can hinder no listing and no change of rules, so that it can be replaced.
library Roles {
    uint64 internal constant ADMIN = 0;
    uint64 internal constant LISTER = 1;
    uint64 internal constant DELISTER = 2;
    uint64 internal constant EMERGENCY = 3;
    uint64 internal constant MEMBERSHIP = 4;
    uint64 internal constant PROTECTOR = 5;
    uint64 internal constant VETO = 6;
    uint64 internal constant KEEPER = 7;
    uint64 internal constant MASS_DELISTER = 8;

    uint32 internal constant ADMIN_DELAY_SECONDS = 7 days;
    uint32 internal constant LISTER_DELAY_SECONDS = 0;
    uint32 internal constant DELISTER_DELAY_SECONDS = 24 hours;
    uint32 internal constant EMERGENCY_DELAY_SECONDS = 0;
    uint32 internal constant MEMBERSHIP_DELAY_SECONDS = 3 days;
    uint32 internal constant PROTECTOR_DELAY_SECONDS = 7 days;
    uint32 internal constant VETO_DELAY_SECONDS = 0;
    uint32 internal constant KEEPER_DELAY_SECONDS = 0;
    uint32 internal constant MASS_DELISTER_DELAY_SECONDS = 72 hours;

    uint32 internal constant ADMIN_DELAY_MIN_SECONDS = 3 days;
    uint32 internal constant DELISTER_DELAY_MIN_SECONDS = 1 hours;
    uint32 internal constant MEMBERSHIP_DELAY_MIN_SECONDS = 24 hours;
    uint32 internal constant PROTECTOR_DELAY_MIN_SECONDS = 24 hours;
    uint32 internal constant MASS_DELISTER_DELAY_MIN_SECONDS = 24 hours;
    uint32 internal constant DELAY_MAX_SECONDS = 30 days;
}
