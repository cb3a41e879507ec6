//! The people of the API tests: accounts, logins, an invitation, a personal token.

use shared::{AccountId, GlobalRole, Invitation, InvitationId, LoginId, Role, Timestamp, Token};

use super::NOW;
use super::tokens::exporter;
use crate::auth::{Caller, Email, LoginCredential, Passwords, Secret, TotpSecret, recovery_hash};
use crate::store::{NewAccount, NewLogin, Seen, Store, TenantStore};

/// Whoever asks in the tests: an administrator of everything.
pub(super) const ANN: AccountId = AccountId(0xa11);
/// Another member.
pub(super) const BEN: AccountId = AccountId(0xbe);
/// Ann's password.
pub(super) const PASSWORD: &str = "seven copper kettles";
/// Ann's logins: the one that asks, and another.
pub(super) const LOGINS: [LoginId; 2] = [LoginId(0x10), LoginId(0x11)];
/// Somebody who may become a member.
pub(super) const INVITATION: InvitationId = InvitationId(0x17);

/// Ann, by the first of her logins. History calls her as it calls the machine.
pub(super) fn ann() -> Caller {
    let login = LoginCredential {
        id: LOGINS[0],
        account: ANN,
        role: Some(Role::Administrator),
        global_role: Some(GlobalRole::Administrator),
    };
    Caller::with_login(Caller::DEFAULT_TENANT, "local", login)
}

/// The secret that is in Ann's app.
pub(super) fn totp() -> TotpSecret {
    TotpSecret(vec![7; 20])
}

/// The secret that Ann is about to put into another app.
pub(super) fn totp_offer() -> TotpSecret {
    TotpSecret(vec![8; 20])
}

/// Ann's personal token.
pub(super) fn own_token() -> Token {
    Token {
        id: Secret::of([8; 32]).hash().token_id(),
        name: "notebook".to_owned(),
        account_id: Some(ANN),
        ..exporter()
    }
}

/// Writes them all.
pub(super) async fn fill(store: &Store, tenant: &TenantStore) {
    let created_at = NOW.plus(-30 * Timestamp::DAY);
    let password_hash = Passwords::with_cost(64, 1).hash(PASSWORD).await.unwrap();
    for (id, name, email, role, global_role) in [
        (
            ANN,
            "Ann Example",
            "ann@example.com",
            Role::Administrator,
            Some(GlobalRole::Administrator),
        ),
        (BEN, "Ben Example", "ben@example.com", Role::Analyst, None),
    ] {
        let account = NewAccount {
            id,
            email: Email::read(email).unwrap(),
            name: name.to_owned(),
            password_hash: Some(password_hash.clone()),
            global_role,
            created_at,
        };
        let member = Some((tenant.id(), role));
        store.create_account(&account, member).await.unwrap();
    }
    store.offer_totp(ANN, &totp()).await.unwrap();
    let codes = [recovery_hash("aaaa-aaaa-aaaa-aaaa")];
    let app = totp();
    let confirmed = store.confirm_totp(ANN, &app, 0, &codes, None);
    assert!(confirmed.await.unwrap());
    store.offer_totp(ANN, &totp_offer()).await.unwrap();
    for (id, secret, hours) in [(LOGINS[0], 21, 1), (LOGINS[1], 22, 3)] {
        let login = NewLogin {
            id,
            account: ANN,
            tenant: tenant.id(),
            at: NOW.plus(-hours * Timestamp::HOUR),
            is_single_sign_on: false,
            has_second_factor: false,
            seen: Seen {
                address: "192.0.2.33".parse().ok(),
                user_agent: "Firefox".to_owned(),
            },
        };
        let secret = Secret::of([secret; 32]).hash();
        store.create_login(&login, &secret).await.unwrap();
    }
    let invitation = Invitation {
        id: INVITATION,
        email: "cleo@example.com".to_owned(),
        role: Role::ReadOnly,
        created_by: "ann@example.com".to_owned(),
        created_at: NOW.plus(-Timestamp::HOUR),
        expires_at: NOW.plus(Timestamp::DAY),
    };
    let secret = Secret::of([23; 32]).hash();
    tenant
        .create_invitation(&invitation, &secret)
        .await
        .unwrap();
    let secret = Secret::of([8; 32]).hash();
    tenant.create_token(&own_token(), &secret).await.unwrap();
}
