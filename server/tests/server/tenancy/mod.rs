//! P10: no org sees or changes another's rows. Every route of the OpenAPI document, with every kind of id.

mod cases;
mod rows;
mod world;

use std::collections::BTreeSet;

use axum::{
    body::Body as HttpBody,
    extract::Request,
    http::{Method, header::COOKIE},
    middleware::{self, Next},
};
use driftsiren_server::api;
use serde_json::Value;

use self::{
    cases::{Body, Bound, CASES, Case, operations, uncovered},
    world::World,
};
use crate::client::{Client, Reply};

/// Whose name stands at a place of a path.
#[derive(Clone, Copy)]
enum Whose {
    Own,
    Theirs,
    Nobodys,
}

/// The places of a path: what stands between braces.
fn places(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// A path with the caller's own names before a place and another's from there on. Orgs and datasets are named in two
/// ways, of which `spelling` is one.
fn filled(world: &World, path: &str, place: usize, whose: Whose, spelling: usize) -> String {
    let mut filled = path.to_owned();
    for (index, kind) in places(path).into_iter().enumerate() {
        let whose = if index < place { Whose::Own } else { whose };
        let names = world.names(kind, whose);
        let name = &names[if index == place { spelling } else { 0 }];
        filled = filled.replace(&format!("{{{kind}}}"), name);
    }
    filled
}

async fn ask(client: &mut Client, case: &Case, path: &str, world: &World) -> Reply {
    let (method, _) = case.operation.split_once(' ').expect("a method and a path");
    let mut request = Request::builder()
        .method(method.parse::<Method>().expect("a method"))
        .uri(format!("/api/v1{path}"))
        .header("if-match", "\"1\"");
    let body = match (case.body)(&world.invite) {
        Body::None => HttpBody::empty(),
        Body::Json(body) => {
            request = request.header("content-type", "application/json");
            HttpBody::from(body.to_string())
        }
        Body::Rows(rows) => {
            request = request.header("content-length", rows.len());
            HttpBody::from(rows)
        }
    };
    client.send(request.body(body).expect("a sound request")).await
}

/// An answer without what differs each time.
fn told(reply: &Reply) -> (u16, Value) {
    let mut body = reply.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (reply.status.as_u16(), body)
}

/// Everything that a stranger learns or changes, by route. Empty when orgs are kept apart.
async fn violations(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = world.rows.all().await;
    assert!(before.len() > 10, "the other org has rows that could be changed: {before:?}");
    for case in CASES {
        for (kind, actor) in [("person", &world.eve), ("key", &world.eves_key)] {
            match case.bound {
                Bound::Path => found.extend(reach(world, case, kind, actor).await),
                Bound::Caller(expected) => found.extend(stay(world, case, kind, expected).await),
            }
        }
        let after = world.rows.all().await;
        found.extend(changes(&before, &after).into_iter().map(|change| format!("{}: {change}", case.operation)));
        before = after;
    }
    found
}

/// Asks a route for another org's things, at each place of its path, in each spelling.
async fn reach(world: &World, case: &Case, kind: &str, actor: &Client) -> Vec<String> {
    let mut found = Vec::new();
    let (_, path) = case.operation.split_once(' ').expect("a method and a path");
    let query = if case.operation == "POST /orgs/{org}/datasets/{dataset}/references" { "?name=new" } else { "" };
    assert!(!places(path).is_empty(), "{} names nothing", case.operation);
    for (place, name) in places(path).into_iter().enumerate() {
        for spelling in 0..world.names(name, Whose::Theirs).len() {
            let at = |whose| filled(world, path, place, whose, spelling) + query;
            let theirs = ask(&mut actor.clone(), case, &at(Whose::Theirs), world).await;
            let nobodys = ask(&mut actor.clone(), case, &at(Whose::Nobodys), world).await;
            let what = format!("{} as a {kind}, {{{name}}} of another org", case.operation);
            // What a key may not do at all is refused before anything is looked for.
            let is_refused = theirs.status == 404 || (kind == "key" && [401, 403].contains(&theirs.status.as_u16()));
            if !is_refused || (place == 0 && name == "org" && theirs.status != 404) {
                found.push(format!("{what}: {} {}", theirs.status, theirs.text));
            }
            if told(&theirs) != told(&nobodys) {
                found.push(format!("{what}: the answer tells that it exists: {} {}", theirs.text, nobodys.text));
            }
            found.extend(world.leaks(&theirs.text).map(|mark| format!("{what}: shows {mark}")));
        }
    }
    found
}

/// Asks a route that is about the caller, and looks for another org in the answer.
async fn stay(world: &World, case: &Case, kind: &str, expected: u16) -> Vec<String> {
    let (_, path) = case.operation.split_once(' ').expect("a method and a path");
    // What ends a session ends one that was begun for it.
    let mut actor = if kind == "key" { world.eves_key.clone() } else { world.log_in().await };
    let reply = ask(&mut actor, case, path, world).await;
    let mut found = Vec::new();
    if reply.status != expected && !(kind == "key" && reply.status == 403) {
        found.push(format!("{} as a {kind}: {} {}", case.operation, reply.status, reply.text));
    }
    found.extend(world.leaks(&reply.text).map(|mark| format!("{} as a {kind}: shows {mark}", case.operation)));
    found
}

fn changes(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<String> {
    let gone = before.difference(after).map(|row| format!("changed or removed {row:.200}"));
    gone.chain(after.difference(before).map(|row| format!("made {row:.200}"))).collect()
}

#[test]
fn every_route_of_the_document_has_a_case() {
    let document = serde_json::to_value(api::document()).expect("a document is JSON");
    let mut operations = operations(&document);
    assert_eq!(uncovered(&operations), [""; 0]);
    operations.push("GET /orgs/{org}/new".to_owned());
    let gone = operations.remove(0);
    assert_eq!(uncovered(&operations), ["no case: GET /orgs/{org}/new".to_owned(), format!("no such route: {gone}")]);
}

#[tokio::test]
async fn a_stranger_finds_nothing_on_any_route() {
    let world = World::new().await;
    if world.is_postgres() {
        assert_eq!(world.n_datasets_seen_by_eve().await, 0, "row-level security is in force");
    }
    assert_eq!(violations(&world).await, [""; 0]);
    if world.is_postgres() {
        world.rows.without_row_security().await;
        assert_eq!(world.n_datasets_seen_by_eve().await, 1, "row-level security is out of force");
        assert_eq!(violations(&world).await, [""; 0], "our queries alone keep orgs apart");
    }
}

#[tokio::test]
async fn a_cursor_of_another_org_shows_nothing() {
    let world = World::new().await;
    let mut n = 0;
    let lists = [
        "/orgs",
        "/me/sessions",
        "/orgs/evil/audit",
        "/orgs/evil/members",
        "/orgs/evil/invites",
        "/orgs/evil/keys",
        "/orgs/evil/datasets",
        "/orgs/evil/datasets/mine/batches",
        "/orgs/evil/datasets/mine/references",
    ];
    for list in lists {
        for mark in &world.marks {
            let cursor = mark.trim_matches('"').replace('@', "%40");
            let reply = world.eve.clone().get(&format!("{list}?cursor={cursor}")).await;
            assert!([200, 422].contains(&reply.status.as_u16()), "{list}: {}", reply.text);
            let leaks: Vec<_> = world.leaks(&reply.text).collect();
            assert!(leaks.is_empty(), "{list} shows {leaks:?}");
            n += u32::from(reply.status == 200);
        }
    }
    assert!(n > 3, "some of them are cursors");
}

#[tokio::test]
async fn a_stranger_finds_no_page_of_another_org() {
    let world = World::new().await;
    for page in ["", "/people", "/keys", "/audit", "/datasets/loans"] {
        let own = world.ada.clone().page(&format!("/orgs/acme{page}")).await;
        assert_eq!(own.status, 200, "{page}");
        let reply = world.eve.clone().page(&format!("/orgs/acme{page}")).await;
        assert_eq!(reply.status, 404, "{page}: {}", reply.text);
        // The address itself stands on the page of what is not there.
        let leaks: Vec<_> = world.leaks(&reply.text).filter(|mark| *mark != "loans").collect();
        assert!(leaks.is_empty(), "{page} shows {leaks:?}");
    }
}

/// The checker must see what it is there for: a server that takes a stranger for the owner when it removes a dataset,
/// and a row that changes behind its back.
#[tokio::test]
async fn the_checker_sees_planted_violations() {
    let mut world = World::new().await;
    let cookie = world.ada.cookie.clone().expect("Ada is logged in");
    let broken = move |mut request: Request, next: Next| {
        if request.method() == Method::DELETE && request.uri().path() == "/api/v1/orgs/acme/datasets/loans" {
            request.headers_mut().insert(COOKIE, cookie.parse().expect("a cookie"));
        }
        next.run(request)
    };
    world.eve.wrap(|router| router.layer(middleware::from_fn(broken)));
    let found = violations(&world).await;
    let of_route: Vec<_> =
        found.iter().filter(|text| text.starts_with("DELETE /orgs/{org}/datasets/{dataset}")).collect();
    for sign in ["204", "tells that it exists", "changed or removed dataset:", "changed or removed batch:"] {
        assert!(of_route.iter().any(|text| text.contains(sign)), "{sign} in {found:#?}");
    }
    assert_eq!(found.len(), of_route.len(), "nothing else is broken: {found:#?}");
    let before = world.rows.all().await;
    world.rows.plant("update org set name = 'Planted'").await;
    let after = world.rows.all().await;
    assert_eq!(changes(&before, &after).len(), 2, "one row was, another is: {:?}", changes(&before, &after));
}
