//! Endpoints and user agents: each row names the one that it was stored with, whatever was folded,
//! failed or numbered since.

use engine::{EndpointKey, EndpointRecord, SessionRecord};
use shared::{AttackId, SessionId};

use super::fixture::*;
use crate::store::Commit;

async fn folded_endpoints_are_shown_as_what_they_were_folded_into(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let (mut endpoints, _) = texts();
    let (any, all) = (EndpointKey(13), EndpointKey(14));
    for (key, template) in [(any, "/{any}"), (all, "/{all}")] {
        endpoints.push(EndpointRecord {
            key,
            template: template.to_owned(),
            ..endpoints[0].clone()
        });
    }
    // First `/login` into `/{any}`, then that into `/{all}`; likewise under the name that its
    // requests give it.
    endpoints[0].folded_into = Some(any);
    let asked_for = engine::attribute::endpoint("POST", "shop.example", "/login").key;
    endpoints.push(EndpointRecord {
        key: asked_for,
        ..endpoints[0].clone()
    });
    let mut fold = Commit::new(shop.judgement, 0);
    fold.effects.endpoints = endpoints.clone();
    tenant.commit(fold).await.unwrap();
    endpoints[2].folded_into = Some(all);
    let mut fold = Commit::new(shop.judgement, 0);
    fold.effects.endpoints = vec![endpoints[2].clone()];
    tenant.commit(fold).await.unwrap();

    let attack = tenant.find_attack(AttackId(1)).await.unwrap().unwrap();
    assert_eq!(attack.endpoints[0].0.template, "/{all}");
    let session = tenant.find_session(SessionId(5)).await.unwrap().unwrap();
    assert_eq!(session.top_endpoints[0].template, "/{all}");
    assert_eq!(session.top_endpoints[1].template, "/article/{number}");
    let requests = requests_of(&tenant, &session).await;
    assert_eq!(requests[0].endpoint.template, "/{all}");
    assert_eq!(requests[1].endpoint.template, "/article/{id}");
}

#[tokio::test]
async fn numbers_that_a_commit_gave_which_failed_are_not_believed() {
    let test = TestStore::open(On::Sqlite).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    // Of new endpoints and user agents, which a session asked for and has.
    let with_texts = |suffix: &str, number: u64| {
        let mut commit = commit(&shop, number, number, 5 + number);
        (commit.effects.endpoints, commit.effects.user_agents) = texts();
        for endpoint in &mut commit.effects.endpoints {
            endpoint.key.0 += 1_000 * number;
            endpoint.template += suffix;
        }
        let user_agent = &mut commit.effects.user_agents[0];
        user_agent.key.0 += 1_000 * number;
        user_agent.text += suffix;
        let session = &mut commit.effects.sessions[0];
        session.user_agent = user_agent.key;
        for (key, _) in &mut session.top_endpoints {
            key.0 += 1_000 * number;
        }
        commit
    };
    let fail = "CREATE TRIGGER fail BEFORE INSERT ON changes BEGIN SELECT RAISE(ABORT, ''); END";
    test.store.run(fail).await.unwrap();
    tenant.commit(with_texts("/ours", 2)).await.unwrap_err();
    test.store.run("DROP TRIGGER fail").await.unwrap();
    // Others get their numbers.
    tenant.commit(with_texts("/theirs", 1)).await.unwrap();
    tenant.commit(with_texts("/ours", 2)).await.unwrap();
    let session = tenant.find_session(SessionId(7)).await.unwrap().unwrap();
    assert_eq!(session.top_endpoints[0].template, "/login/ours");
    assert_eq!(session.user_agent.unwrap().text, "curl/8.0/ours");
}

async fn an_endpoint_folded_into_one_that_went_along_counts_where_that_does(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let (texts, _) = texts();
    let endpoint = |key: u64, into: Option<u64>| EndpointRecord {
        key: EndpointKey(key),
        template: format!("/{key}"),
        folded_into: into.map(EndpointKey),
        ..texts[0].clone()
    };
    // 1 into 2 and 3 into 4; then 2 into 3, and 4 into 5; at last the new 6 into 1.
    let folds = [
        vec![(1, None), (2, None), (3, None), (4, None), (5, None)],
        vec![(1, Some(2)), (3, Some(4))],
        vec![(2, Some(3)), (4, Some(5))],
        vec![(6, Some(1))],
    ];
    for fold in folds {
        let mut commit = Commit::new(shop.judgement, 0);
        let endpoints = fold.into_iter().map(|(key, into)| endpoint(key, into));
        commit.effects.endpoints = endpoints.collect();
        tenant.commit(commit).await.unwrap();
    }
    let mut last = commit(&shop, 0, 1, 5);
    last.effects.sessions[0].top_endpoints = vec![(EndpointKey(6), 3), (EndpointKey(1), 2)].into();
    last.effects.attacks[0].endpoints = vec![(EndpointKey(6), 3)];
    tenant.commit(last).await.unwrap();
    let session = tenant.find_session(SessionId(5)).await.unwrap().unwrap();
    let tops = session.top_endpoints.iter().map(|it| it.template.as_str());
    assert_eq!(tops.collect::<Vec<_>>(), ["/5", "/5"]);
    let attack = tenant.find_attack(AttackId(1)).await.unwrap().unwrap();
    assert_eq!(attack.endpoints[0].0.template, "/5");
}

async fn each_of_very_many_endpoints_is_the_one_it_was_described_as(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let (texts, _) = texts();
    for (name, first) in [("shop", 0), ("forum", 1_000)] {
        let application = tenant.find_or_create_application(name).await.unwrap();
        let mut many = commit(&application, 0, 1, 5);
        // Not in the order of the keys.
        let keys = (0..1_500).map(|place| place * 7_919 % 1_500);
        let endpoints = keys.map(|key| EndpointRecord {
            key: EndpointKey(key),
            template: format!("/{name}/{key}"),
            ..texts[0].clone()
        });
        many.effects.endpoints = endpoints.collect();
        let session = many.effects.sessions[0].clone();
        let sessions = (0..500).map(|id| SessionRecord {
            id: SessionId(first + id),
            top_endpoints: (0..3).map(|top| (EndpointKey(3 * id + top), 1)).collect(),
            ..session.clone()
        });
        many.effects.sessions = sessions.collect();
        tenant.commit(many).await.unwrap();
        for id in 0..500 {
            let session = tenant.find_session(SessionId(first + id)).await;
            let session = session.unwrap().unwrap();
            let tops = session.top_endpoints.iter().map(|it| it.template.as_str());
            let expected = [0, 1, 2].map(|top| format!("/{name}/{}", 3 * id + top));
            assert_eq!(tops.collect::<Vec<_>>(), expected);
        }
    }
}

on_both!(
    folded_endpoints_are_shown_as_what_they_were_folded_into,
    an_endpoint_folded_into_one_that_went_along_counts_where_that_does,
    each_of_very_many_endpoints_is_the_one_it_was_described_as
);
