//! Crawlers that name themselves, against the addresses that their makers publish.

use shared::search::{List, parse};
use shared::{Timestamp, UserAgentClass, Verification};

use super::fixture::{On, Place, TestStore, commit, minute, on_both, slice};
use crate::address;
use crate::auth::Caller;
use crate::store::{Expired, Period, Search};

/// What is said of the one crawler of the fixture, whose session comes from 192.0.2.0, when
/// `published` is what is known of crawlers and `agent` is what it calls itself.
async fn verification(
    on: On,
    published: &[(&str, &str)],
    agent: &str,
    window: Period,
) -> Verification {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("address-data");
    std::fs::create_dir(&folder).unwrap();
    for (name, networks) in published {
        std::fs::write(folder.join(name), networks).unwrap();
    }
    let book = address::open(directory.path(), &[]).unwrap();
    let place = Place::new(on).await;
    let store = place.open_knowing(book).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let mut commit = commit(&shop, 0, 1, 5);
    for user_agent in &mut commit.effects.user_agents {
        agent.clone_into(&mut user_agent.text);
        user_agent.class = if agent == GOOGLEBOT {
            UserAgentClass::Crawler
        } else {
            UserAgentClass::HttpLibrary
        };
    }
    tenant.commit(commit).await.unwrap();
    let crawlers = tenant.list_crawler_slices(shop.id, window).await.unwrap();
    assert_eq!(crawlers[0].name, "Googlebot");
    let said = crawlers[0].verification;
    if agent == GOOGLEBOT {
        // The attack is the crawler's, so searches say the same of it.
        let search = Search {
            query: parse(List::Attacks, &format!("verified:{}", said.as_str())).unwrap(),
            ..Search::default()
        };
        let found = tenant.count_attacks(&search, minute(0)).await.unwrap();
        assert_eq!(found.attacks, 1, "{said:?}");
    }
    said
}

const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

async fn a_crawler_is_who_it_says_if_all_its_sessions_come_from_published_addresses(on: On) {
    let ever = Period::ALWAYS;
    let check = |published: &'static str, agent, window, expected| async move {
        let lists = [("crawler-googlebot.txt", published)];
        assert_eq!(
            verification(on, &lists, agent, window).await,
            expected,
            "{published}"
        );
    };
    check("192.0.2.0/28", GOOGLEBOT, ever, Verification::Verified).await;
    check("198.51.100.0/24", GOOGLEBOT, ever, Verification::Spoofed).await;
    // Its sessions are gone, or name another crawler: nothing can be said.
    check("192.0.2.0/28", "curl/8.0", ever, Verification::Unverified).await;
    let long_after = Period {
        from: minute(59),
        until: minute(60),
    };
    check(
        "192.0.2.0/28",
        GOOGLEBOT,
        long_after,
        Verification::Verified,
    )
    .await;
}

async fn of_crawlers_whose_addresses_nobody_knows_nothing_is_said(on: On) {
    for lists in [&[][..], &[("crawler-bingbot.txt", "192.0.2.0/28")]] {
        let said = verification(on, lists, GOOGLEBOT, Period::ALWAYS).await;
        assert_eq!(said, Verification::Unverified);
    }
}

async fn what_crawlers_did_is_found_by_when_they_did_it_and_removed_by_the_day(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let of = |name: &str, from, until| (name.to_owned(), slice(from, until, 7));
    // The first day ends between the minutes 106 and 107.
    let slices = [
        vec![
            of("Googlebot", 200, 250),
            of("Googlebot", 0, 50),
            of("Bingbot", 1_700, 1_750),
            of("Bingbot", 0, 20),
        ],
        vec![of("Googlebot", 60, 90)],
    ];
    for (number, slices) in (0..).zip(slices) {
        let mut commit = commit(&shop, number, 1 + number, 5 + number);
        commit.effects.crawler_slices = slices;
        tenant.commit(commit).await.unwrap();
    }
    let found = async |window| {
        let crawlers = tenant.list_crawler_slices(shop.id, window).await.unwrap();
        let slices = crawlers.into_iter().flat_map(|crawler| {
            let name = crawler.name;
            let slices = crawler.slices.into_iter();
            slices.map(move |slice| (name.clone(), slice))
        });
        slices.collect::<Vec<_>>()
    };
    let window = |from, until| Period {
        from: minute(from),
        until: minute(until),
    };
    let (early, late) = (of("Googlebot", 0, 50), of("Googlebot", 60, 90));
    assert_eq!(found(window(30, 70)).await, [early.clone(), late.clone()]);
    assert_eq!(
        found(window(20, 25)).await,
        [of("Bingbot", 0, 20), early.clone()]
    );
    assert_eq!(found(window(300, 1_690)).await, []);
    let next_days = [of("Bingbot", 1_700, 1_750), of("Googlebot", 200, 250)];
    let all = [
        &[of("Bingbot", 0, 20)],
        &next_days[..1],
        &[early, late],
        &next_days[1..],
    ];
    assert_eq!(found(Period::ALWAYS).await, all.concat());

    let expired = Expired {
        from: None,
        until: Timestamp((minute(0).day() + 1) * Timestamp::DAY),
    };
    let removed = tenant.remove_crawler_slices(shop.judgement, expired).await;
    removed.unwrap();
    assert_eq!(found(Period::ALWAYS).await, next_days);
}

on_both!(
    what_crawlers_did_is_found_by_when_they_did_it_and_removed_by_the_day,
    a_crawler_is_who_it_says_if_all_its_sessions_come_from_published_addresses,
    of_crawlers_whose_addresses_nobody_knows_nothing_is_said
);
