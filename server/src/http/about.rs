//! What the API document says of an operation beyond its summary: what one should know to call
//! it well. Not its parameters: those are described where they are read.

use utoipa::openapi::path::HttpMethod;

use super::route::Route;

/// By method and path; a route that is not here is described by its permission alone, and the
/// test `every_operation_is_described` says so.
const ABOUT: &[(&str, &str)] = &[
    (
        "GET /overview",
        "The first thing to ask: the version, the server's time, every application, and how \
         much of everything is stored.",
    ),
    (
        "GET /tokens",
        "All of them on one page, also personal ones and those that have expired. Their secrets are \
         not stored.",
    ),
    (
        "POST /tokens",
        "Answers the secret, this once: send it as `Authorization: Bearer`. Whatever is done with \
         it is done in the token's tenant, by its role and under its name. A token may do nothing \
         that whoever makes it may not.",
    ),
    (
        "DELETE /tokens/{id}",
        "Its secret opens nothing from now on. A revoked token does not come back: make another.",
    ),
    (
        "GET /applications",
        "All of them on one page, with the hosts seen in their traffic, how much is stored, and \
         how far their normals are learned.",
    ),
    (
        "POST /applications",
        "One without any traffic yet: make a token of the role `ingest_only` for it and send its \
         requests. An import makes its application by itself.",
    ),
    (
        "GET /applications/{id}",
        "The same as in the list of applications.",
    ),
    (
        "GET /applications/{id}/learning",
        "How far its *normals* are its own: the threshold of every detector beside its documented \
         default, how much of it is learned and from how many actors, and how many times as large \
         it is as a week before. With the anomaly model in force and how many sessions taught how \
         people move.",
    ),
    (
        "GET /applications/{id}/settings",
        "Where session key, user and role stand in the application's requests: of each list the \
         first source that a request has counts. `auto` stands for the usual names (`sid`, \
         `PHPSESSID`, `remote_user`, `role` …); a request without session key is grouped by \
         address and user agent.",
    ),
    (
        "PUT /applications/{id}/settings",
        "Stores the settings and, where they differ from those that the verdicts were made by, \
         starts a job that judges everything stored again. The verdicts so far are shown until \
         the job is done. Another change takes the place of a job that is not. To undo, send \
         `former`.",
    ),
    (
        "GET /applications/{id}/settings/candidates",
        "Looks through the newest million stored requests for values that come again and again \
         from one user agent, that are users or that are roles. Nothing is set.",
    ),
    (
        "GET /applications/{id}/settings/preview",
        "Counts over the newest million stored requests how many sessions other settings would \
         make, without judging. A list that is left out counts as it is set.",
    ),
    (
        "GET /applications/{id}/fields",
        "What fields of the requests that are sent for it are called, where that is not what they \
         are usually called.",
    ),
    (
        "PUT /applications/{id}/fields",
        "`map` is what `botscope import --map` takes, like `ip=client.addr,time=at`: which name \
         stands for which field of JSON and W3C lines. It holds for what is sent from two seconds \
         later on; what is stored stays as it was read. An empty map means the usual names.",
    ),
    (
        "DELETE /applications/{id}",
        "Hides it at once, with everything stored of it, and removes it for good a minute later. \
         One with real traffic goes only if `confirm` is its name; demo traffic stops.",
    ),
    (
        "POST /applications/{id}/restore",
        "Within a minute of its removal an application comes back as it was; demo traffic goes \
         on. One that was not removed stays as it is.",
    ),
    (
        "GET /attacks",
        "Attacks that were going on at some moment of the period, the newest first unless \
         `sort` says otherwise. Without a period in `q` it is the last 24 hours.",
    ),
    (
        "GET /address-lists",
        "The networks of crawlers, clouds and Tor that a server fetches once a day from who \
         publishes them, or from the last copies. A claim to be a crawler that no list tells stays \
         unverified.",
    ),
    (
        "GET /jobs",
        "Jobs that judge an application again. Jobs are remembered until the server stops, fifty \
         at most; one that was interrupted begins anew with the next start.",
    ),
    (
        "GET /jobs/{id}",
        "While a job is `waiting` or `running` the former verdicts are shown, and after it \
         `failed` as well.",
    ),
    (
        "GET /attacks/counts",
        "The head of the list for the same `q`: attacks, their hits, how many are going on right \
         now, and how many there are of each type. The types in `q` are not applied to the \
         counts per type, so that a filter can show what each would add.",
    ),
    (
        "GET /attacks/values",
        "For completion and filters: the values that the attacks of `q` have under a key of the \
         search language, those of most attacks first, each as the term that asks for it. The \
         terms of that key in `q` are not applied. `type` unless `key` says otherwise.",
    ),
    (
        "GET /attacks/{id}",
        "What happened in one sentence, every detector with value, normal and deviation, the \
         sources, endpoints and response codes with their shares, requests over time, what the \
         bot got, and the sessions it spans.",
    ),
    (
        "GET /attacks/{id}/explain",
        "Every number of its verdict: each detector's value, normal and vote, how each confidence \
         was worked out, and what the anomaly model found. With `reproduce=true` the stored \
         requests are judged again, which takes seconds; one application at a time, else 429.",
    ),
    (
        "GET /attacks/{id}/heatmaps",
        "Performance, Behavior and HTTP errors: this bot among at most 30 others that attacked \
         the same application in the 24 hours that end with this attack's last request, with \
         the scales of every dimension. Detail is kept for 31 days; after that the answer is \
         410.",
    ),
    (
        "GET /attacks/{id}/heatmaps.csv",
        "All values of all three heatmaps, a bot a line. A cell that a spreadsheet would take for \
         a formula begins with an apostrophe.",
    ),
    (
        "GET /attacks/{id}/heatmaps/steps",
        "For a picture of any moment: the values of every bot of the heatmaps after each stretch \
         of its requests, counted from the beginning of the 24 hours. With `of`, the same of each \
         address of that campaign, from its stored requests.",
    ),
    (
        "GET /attacks/{id}/hits",
        "The requests that fed a detector that voted, with the detectors that each fed.",
    ),
    (
        "GET /attacks/{id}/hits.csv",
        "All hits at once, written as they are read. A cell that a spreadsheet would take for a \
         formula begins with an apostrophe.",
    ),
    (
        "GET /sessions",
        "Sessions with a request in the period of `q`; without one, of the last 24 hours.",
    ),
    (
        "GET /sessions/counts",
        "The head of the list for the same `q`: sessions, their requests and hits, and how many \
         are part of an attack.",
    ),
    (
        "GET /sessions/values",
        "The same as `/attacks/values`, for sessions.",
    ),
    (
        "GET /sessions/{id}",
        "Who, when, how much, the attacks it is part of, and which key grouped its requests.",
    ),
    (
        "GET /sessions/{id}/facets",
        "How often each attack type, source, method, response code and URL template comes, with \
         shares, most first.",
    ),
    (
        "GET /sessions/{id}/requests",
        "Each with its full line, the headers that the log kept, and the detectors it fed. All \
         conditions given must hold.",
    ),
    (
        "GET /sessions/{id}/requests.csv",
        "All requests that the conditions keep, written as they are read. A cell that a \
         spreadsheet would take for a formula begins with an apostrophe.",
    ),
    (
        "GET /lists/entries",
        "The last changed first. With `at` the list as it was at that moment: who had put what \
         on it, why, and until when. History is kept for 90 days.",
    ),
    (
        "POST /lists/entries",
        "Puts one or many addresses and subnets on a list. One that is there already gets the \
         longer of both times and all applications together, and the answer says so. What is \
         rarely meant (more than 65,536 addresses, a subnet with one's own address) is asked \
         about first: the answer is 409 with the questions, and nothing is stored until \
         `confirm` is true. What is denied is recorded; nothing enforces it yet.",
    ),
    (
        "GET /lists/entries/{id}",
        "As it is now, also when it is no longer in force.",
    ),
    (
        "PATCH /lists/entries/{id}",
        "Only what is given changes. The version before stays in the history.",
    ),
    (
        "DELETE /lists/entries/{id}",
        "The answer is the entry as removed, with the version that `POST /lists/undo` takes.",
    ),
    (
        "GET /lists/entries/{id}/history",
        "Every change with its author and time. Each version shows the state that it began with.",
    ),
    (
        "POST /lists/import",
        "All lines are stored or none: if some are wrong, `errors` names them by their numbers. \
         With `partial` the others are stored all the same.",
    ),
    (
        "POST /lists/undo",
        "Takes the `changes` that a change answered with: what was before counts again. Undoing \
         that brings the change back. If an entry was changed again since, nothing is undone and \
         the answer is 409.",
    ),
    (
        "GET /lists/lookup",
        "What both lists say of an address or subnet, who else is behind it (sessions of the \
         last seven stored days that are of no attack), and what the server would ask before \
         denying it. Without `object` it is about whoever asks.",
    ),
    (
        "GET /lists/deny.txt",
        "For a firewall, proxy or script that pulls it: sorted, as few subnets as possible, \
         without what has expired. Send the `ETag` of the last answer as `If-None-Match`; while \
         nothing changed the answer is 304 without a body.",
    ),
    (
        "GET /changes",
        "Cheap, so that whoever shows something can ask every few seconds whether to ask again. \
         Begin without `after`, then give the `seq` of the last answer.",
    ),
    (
        "GET /changes/stream",
        "Server-sent events (`EventSource` in a browser), each with what `GET /changes` answers \
         and its `seq` as `id`: the first at once, the others as something happens. Goes on after \
         `Last-Event-ID`, or after `after`. Every 15 seconds comes an event `beat`; it ends after \
         half an hour, when the server stops, or when the login or token does. At most four at a \
         time with one login or token.",
    ),
    (
        "POST /ingest",
        "Requests as any log has them: a JSON array, one JSON object a line, objects one after \
         another, an object around one array, or lines of text; packed or not. What it is, the body \
         says, not its Content-Type. Answered once it is on the disk; a moment later it shows. \
         What cannot be read is counted, and the first ten are named. Give each body an \
         `Idempotency-Key`, and one that is sent again within two hours is answered as before and \
         not taken twice. 429 and 503 say with `Retry-After` when to come again: nothing of that \
         body was taken.",
    ),
    (
        "POST /ingest/{application}",
        "The same for tokens that are for no application in particular. An application of a new name \
         is begun.",
    ),
    (
        "GET /ingest/health",
        "Of each application that something was sent to since the server started: how much was \
         taken and how much rejected, why and with an example, who sent it in which format, how \
         long it took to show, and whether senders were told to wait. Counted in memory.",
    ),
    (
        "POST /demo",
        "Makes up a day of the traffic of a shop and goes on as time goes by: people, welcome \
         programs, and bots of all five types. Answers at once; the day fills within seconds. \
         Where there is demo traffic already it goes on from where it was.",
    ),
    (
        "GET /tenants",
        "All of them on one page, with how many people and applications each has and how much is \
         stored. What is in them only those see who switch to one.",
    ),
    (
        "POST /tenants",
        "An empty one. Its first administrator is invited by whoever made it.",
    ),
    (
        "PATCH /tenants/{id}",
        "Only what is given changes. Of a suspended one nobody signs in and no token opens \
         anything; everything stored stays.",
    ),
    (
        "DELETE /tenants/{id}",
        "Nobody sees it from now on, and everything of it is removed in the background, in small \
         steps: what was imported, its people, its tokens, its audit log. It does not come back, \
         so `name` must be its name.",
    ),
    (
        "GET /tenant/export",
        "A tar archive, compressed by zstd, of lines of JSON: applications with their settings and \
         every stored request, sessions, attacks, both lists with their history, members, tokens \
         without secrets, and the audit log. Written while it is read; cut off if the server fails.",
    ),
    (
        "GET /privacy",
        "By default nothing is hashed but secrets, and everybody sees whole addresses.",
    ),
    (
        "PUT /privacy",
        "Holds for what is stored from now on, and for who asks from now on. Hashed values stay \
         equal to one another, so sessions and users can still be told apart. Whoever may do no \
         more than a role for which addresses are masked sees `203.0.113.x` and \
         `2001:db8:1::/48` wherever an address stands, and cannot search for a whole one.",
    ),
    (
        "GET /privacy/traces",
        "Counts the requests, sessions and attacks of one address, or of one user of the protected \
         applications, and the versions of list entries about that address. A large store is \
         looked through in parts: as long as there is a `next_cursor`, add what comes with it. A \
         user is found by name also where users are hashed. That somebody was looked for is in the \
         audit log, not who.",
    ),
    (
        "GET /privacy/erasures",
        "Each with what was found before it and after it by the same search: all zeros is the \
         proof. Whose traces they were stands there as a hash with the tenant's secret. `remains` \
         says what is left to do where the files are PostgreSQL's, and `reason` why one failed.",
    ),
    (
        "POST /privacy/erasures",
        "In the background: their requests are emptied, the applications that had any are judged \
         again without them, entries of the lists about the address and what the audit log says \
         of it go, and the file is written again. It does not come back. A restart goes on with \
         it. Asking for the same while it goes on, or after it failed, goes on with that one. \
         Judging again forgets attacks that the engine would not find in what is stored today.",
    ),
    (
        "GET /retention",
        "In whole days of UTC. `last` is the last time since the start of the server that what was \
         older was removed, with how far that is and how much it was.",
    ),
    (
        "PUT /retention",
        "Each can be shorter than `longest`, not longer. Nothing is removed at once: what is older \
         goes in the night, from `next_at` on, or when the server starts. Of an attack whose \
         detail is gone the heatmaps, the hits and the detectors are no longer there. What was \
         imported, and what is older than the first request that came live, is kept whole unless \
         `includes_imported`. Attacks whose requests are gone are not judged again: they stay as \
         they are.",
    ),
    (
        "GET /audit",
        "Every change, every sign-in and every attempt of one, for six months: who, from which \
         address, what, and what it was before. Secrets are never in it. Nothing changes or \
         removes an entry.",
    ),
    (
        "GET /audit.csv",
        "All entries that the conditions keep, newest first, written as they are read; a line \
         for each field that became different. A cell that a spreadsheet would take for a \
         formula begins with an apostrophe.",
    ),
    (
        "GET /audit/chain",
        "Every entry holds a hash of itself and of the entry before it. This reads the whole log \
         and says whether one was changed or is missing. Keep `hash` elsewhere to be able to \
         show later that nothing before it was rewritten.",
    ),
    (
        "GET /me",
        "Who the credential stands for, the tenant that it looks at, what it may do there, \
         and the tenants to choose from. For people: a token has no account of its own. With \
         `lacks_second_factor` every other route but those to set one up, and to look at another \
         tenant, answers 403 `second_factor_required`.",
    ),
    (
        "PATCH /me",
        "Changes what others see. The e-mail address stays.",
    ),
    (
        "PUT /me/password",
        "Asks for the password that holds now. All other logins of the account end, and this \
         one gets a new cookie. The new one has 12 to 256 characters, whichever; not those \
         that everybody tries first.",
    ),
    (
        "POST /me/totp",
        "Answers a secret for an authenticator app, as text, as an address and as a QR code. \
         Nothing changes until a code of it is sent to `/me/totp/confirm`.",
    ),
    (
        "POST /me/totp/confirm",
        "From now on a code is asked for after the password, and all logins but this one end. \
         Answers ten recovery codes, this once: each opens the account once if the app is lost.",
    ),
    (
        "DELETE /me/totp",
        "No code is asked for any more, and the recovery codes are gone.",
    ),
    (
        "POST /me/recovery-codes",
        "Answers ten new ones, this once; those before them open nothing any more.",
    ),
    (
        "GET /me/logins",
        "Each browser in which the account is signed in, from where it was used last, and \
         when it ends unless it is used: after 12 hours without use, and after 30 days in any \
         case.",
    ),
    (
        "DELETE /me/logins",
        "Signs the account out everywhere but here. Asks for the password once more; an account \
         without one must have signed in within ten minutes.",
    ),
    (
        "DELETE /me/logins/{id}",
        "Signs the account out in one browser. Asks for the password as for all of them.",
    ),
    (
        "PUT /me/tenant",
        "Of those that `GET /me` lists. The login gets a new cookie; whatever is asked next \
         is about that tenant.",
    ),
    (
        "GET /me/tokens",
        "The personal tokens of whoever asks in this tenant, also those that have expired. \
         Their secrets are not stored.",
    ),
    (
        "POST /me/tokens",
        "Answers the secret, this once. A personal token does what both its role and its \
         owner may, at the time of each call; it ends when its owner leaves the tenant.",
    ),
    (
        "DELETE /me/tokens/{id}",
        "Its secret opens nothing from now on.",
    ),
    (
        "GET /members",
        "All of them on one page, with their roles here and when they last did something.",
    ),
    (
        "PATCH /members/{id}",
        "Nobody gives a role that may do more than they may themselves, or changes their own. \
         The last administrator stays one (409).",
    ),
    (
        "DELETE /members/{id}",
        "Their logins here end at once and their personal tokens open nothing any more. An \
         account that then belongs nowhere is removed. The last administrator stays (409).",
    ),
    (
        "POST /members/{id}/reset-link",
        "A link to choose a new password, for a day and once, told to whoever asked for it \
         and sent by e-mail where that is set up. With it the account forgets its \
         authenticator app. Refused for an account that belongs to other tenants too, or to \
         the installation, and for one that single sign-on alone opens.",
    ),
    (
        "GET /members/{id}/logins",
        "The browsers in which they look at this tenant, from where each was used last, and when. \
         Of those that look at another tenant nothing is told.",
    ),
    (
        "DELETE /members/{id}/logins",
        "These logins end at once, and those that look at another tenant cannot come back to this \
         one: whoever it is has to sign in again. Their tokens stay.",
    ),
    (
        "GET /second-factor",
        "Nobody, whoever signs in with a password, or everybody: then single sign-on must say, \
         too, that it asked for one.",
    ),
    (
        "PUT /second-factor",
        "Holds for every login at once: one that lacks what is required is answered 403 \
         `second_factor_required` until it has it. Refused to whoever would lock themselves out \
         by it. Tokens of programs are not touched.",
    ),
    (
        "GET /invitations",
        "Those that still hold: a week from when they were made.",
    ),
    (
        "POST /invitations",
        "Answers a link, this once, and sends it by e-mail where that is set up. It makes one \
         member, once, within a week. A new one to the same address takes the place of the \
         one before.",
    ),
    (
        "DELETE /invitations/{id}",
        "Its link opens nothing from now on.",
    ),
    (
        "GET /single-sign-on",
        "Set with the options of the server, not here. `issuer` is absent where there is \
         none.",
    ),
    (
        "GET /openapi.json",
        "Made from the code. The examples in it are about what is in this store, so that they \
         can be tried.",
    ),
];

/// The description of a route's operation.
pub(super) fn description(route: &Route) -> String {
    let permission = route.permission.as_str();
    let needs = format!("Needs the permission `{permission}`.");
    match about(route) {
        Some(about) => format!("{about}\n\n{needs}"),
        None => needs,
    }
}

/// What is written of a route here.
pub(super) fn about(route: &Route) -> Option<&'static str> {
    let name = format!("{} {}", verb(&route.method), route.path);
    let found = ABOUT.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// The method as it stands in a request.
pub(super) fn verb(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Delete => "DELETE",
        _ => "GET",
    }
}
