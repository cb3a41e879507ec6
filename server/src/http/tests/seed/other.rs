//! What the other tenant owns: an application with an attack and a session, an entry of its deny
//! list, a person who has signed in. For the tests of the wall; in all others it has nothing.

use shared::{
    AccountId, ApplicationId, AttackId, BotType, DetectorKind, ListEntryId, ListKind, ListOrigin,
    LoginId, Role, SessionId, TenantId, Timestamp,
};

use super::{Seed, Sent};
use crate::auth::{Caller, Email, LoginCredential, Secret};
use crate::http::tests::NOW;
use crate::store::{
    Commit, EncodedSegment, ListAuthor, NewAccount, NewListEntry, NewLogin, Seen, Store,
};

const TENANT: TenantId = TenantId(2);
const EVE: AccountId = AccountId(0xe5e);
const LOGIN: LoginId = LoginId(0x30);

/// An attack on its application, two hours ago.
pub(in crate::http::tests) const OTHER_ATTACK: AttackId = AttackId(0xb1);
/// The session of that attack.
pub(in crate::http::tests) const OTHER_SESSION: SessionId = SessionId(0x61);

/// What the tests must name of it.
pub(in crate::http::tests) struct Other {
    pub(in crate::http::tests) application: ApplicationId,
    /// An entry of its deny list.
    pub(in crate::http::tests) entry: ListEntryId,
}

/// Its administrator, signed in.
pub(in crate::http::tests) fn eve() -> Caller {
    let login = LoginCredential {
        id: LOGIN,
        account: EVE,
        role: Some(Role::Administrator),
        global_role: None,
    };
    Caller::with_login(TENANT, "eve@example.net", login)
}

/// Writes everything.
pub(in crate::http::tests) async fn fill_other(store: &Store) -> Other {
    let tenant = store.tenant(&eve());
    let account = NewAccount {
        id: EVE,
        email: Email::read("eve@example.net").unwrap(),
        name: "Eve Example".to_owned(),
        password_hash: None,
        global_role: None,
        created_at: NOW,
    };
    let member = Some((TENANT, Role::Administrator));
    store.create_account(&account, member).await.unwrap();
    let login = NewLogin {
        id: LOGIN,
        account: EVE,
        tenant: TENANT,
        at: NOW.plus(-Timestamp::HOUR),
        is_single_sign_on: false,
        has_second_factor: false,
        seen: Seen {
            address: None,
            user_agent: "Firefox".to_owned(),
        },
    };
    let secret = Secret::of([31; 32]).hash();
    store.create_login(&login, &secret).await.unwrap();

    let forum = tenant.find_or_create_application("forum").await.unwrap();
    let mut seed = Seed::of("forum.example");
    for i in 0..20 {
        seed.send(&Sent {
            at: NOW.plus(-2 * Timestamp::HOUR + i * 10_000),
            ip: "203.0.113.77",
            method: "GET",
            path: "/threads/1",
            query: "",
            status: 404,
            user_agent: "curl/8.0",
        });
    }
    seed.session(OTHER_SESSION, 0);
    let detector = DetectorKind::RequestUniqueness;
    seed.attack(OTHER_ATTACK, BotType::Scraping, detector, 0, 0);
    seed.link();
    let mut commit = Commit::new(forum.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &seed.batch)];
    commit.effects = seed.effects;
    tenant.commit(commit).await.unwrap();

    let denied = NewListEntry {
        list: ListKind::Deny,
        object: "203.0.113.77".parse().unwrap(),
        applications: None,
        reason: "a nuisance".to_owned(),
        expires_at: Some(NOW.plus(Timestamp::DAY)),
    };
    let author = ListAuthor {
        name: "eve@example.net",
        origin: ListOrigin::Manual,
        now: NOW.plus(-Timestamp::HOUR),
    };
    let added = tenant.create_list_entries(&[denied], author).await.unwrap();
    Other {
        application: forum.id,
        entry: added[0].row.id,
    }
}
