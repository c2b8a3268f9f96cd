//! What is asked of each route. A route of the OpenAPI document that is not here makes the test fail.

use serde_json::{Value, json};

/// A route, and how to ask it something that it would do if it were allowed.
pub struct Case {
    /// Method and path as the document has them, without `/api/v1`.
    pub operation: &'static str,
    pub bound: Bound,
    pub body: fn(&str) -> Body,
}

/// Whose things a route touches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Those that its path names: with another org's names it must find nothing.
    Path,
    /// Those of whoever asks, or of nobody: it gets this answer, and shows nothing of another org.
    Caller(u16),
}

/// What is sent.
pub enum Body {
    None,
    Json(Value),
    Rows(&'static str),
}

use Bound::{Caller, Path};

const fn case(operation: &'static str, bound: Bound) -> Case {
    Case { operation, bound, body: |_| Body::None }
}

const fn sending(operation: &'static str, bound: Bound, body: fn(&str) -> Body) -> Case {
    Case { operation, bound, body }
}

const ROWS: fn(&str) -> Body = |_| Body::Rows("age,job\n31,cook\n");

/// The argument of a body is a secret that the other org never gave away: the id of its invite.
pub const CASES: &[Case] = &[
    sending("POST /setup", Caller(404), |_| {
        Body::Json(json!({"email": "x@example.org", "name": "X", "password": "long enough, this", "org_name": "X"}))
    }),
    sending("POST /login", Caller(401), |_| {
        Body::Json(json!({"email": "ada@example.org", "password": "not her password"}))
    }),
    case("POST /logout", Caller(204)),
    case("GET /me", Caller(200)),
    sending("PUT /me/password", Caller(422), |_| {
        Body::Json(json!({"current": "not my password", "new": "long enough, this"}))
    }),
    case("GET /me/sessions", Caller(200)),
    case("DELETE /me/sessions/{session}", Path),
    case("GET /orgs", Caller(200)),
    sending("POST /orgs", Caller(201), |_| Body::Json(json!({"name": "Acme"}))),
    case("GET /orgs/{org}", Path),
    sending("PATCH /orgs/{org}", Path, |_| Body::Json(json!({"name": "Mine now"}))),
    case("GET /orgs/{org}/members", Path),
    case("GET /orgs/{org}/members/{account}", Path),
    sending("PATCH /orgs/{org}/members/{account}", Path, |_| Body::Json(json!({"role": "viewer"}))),
    case("DELETE /orgs/{org}/members/{account}", Path),
    case("GET /orgs/{org}/audit", Path),
    case("GET /orgs/{org}/usage", Path),
    case("GET /orgs/{org}/invites", Path),
    sending("POST /orgs/{org}/invites", Path, |_| Body::Json(json!({"email": "eve@example.org", "role": "viewer"}))),
    case("DELETE /orgs/{org}/invites/{invite}", Path),
    sending("POST /invites/look", Caller(404), |invite| Body::Json(json!({"token": invite}))),
    sending("POST /invites/accept", Caller(404), |invite| {
        Body::Json(json!({"token": invite, "name": "Eve", "password": "long enough, this"}))
    }),
    case("GET /orgs/{org}/keys", Path),
    sending("POST /orgs/{org}/keys", Path, |_| Body::Json(json!({"name": "mine", "scopes": ["read"]}))),
    case("DELETE /orgs/{org}/keys/{key}", Path),
    case("POST /orgs/{org}/keys/{key}/rotate", Path),
    case("GET /orgs/{org}/datasets", Path),
    sending("POST /orgs/{org}/datasets", Path, |_| Body::Json(json!({"name": "new"}))),
    case("GET /orgs/{org}/datasets/{dataset}", Path),
    sending("PATCH /orgs/{org}/datasets/{dataset}", Path, |_| Body::Json(json!({"time_column": "age"}))),
    case("DELETE /orgs/{org}/datasets/{dataset}", Path),
    case("GET /orgs/{org}/datasets/{dataset}/columns", Path),
    case("GET /orgs/{org}/datasets/{dataset}/references", Path),
    sending("POST /orgs/{org}/datasets/{dataset}/references", Path, ROWS),
    case("DELETE /orgs/{org}/datasets/{dataset}/references/{reference}", Path),
    case("POST /orgs/{org}/datasets/{dataset}/references/{reference}/activate", Path),
    case("GET /orgs/{org}/datasets/{dataset}/batches", Path),
    sending("POST /orgs/{org}/datasets/{dataset}/batches", Path, ROWS),
    sending("POST /orgs/{org}/datasets/{dataset}/profiles", Path, ROWS),
    // It keeps nothing and names nobody's things; without a form it is refused.
    case("POST /check", Caller(415)),
];

/// The operations of a document, as [`Case::operation`] writes them.
pub fn operations(document: &Value) -> Vec<String> {
    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let paths = document["paths"].as_object().expect("a document has paths");
    let of_path = |(path, item): (&String, &Value)| {
        let path = path.strip_prefix("/api/v1").expect("all lies under one address").to_owned();
        let methods = METHODS.iter().filter(|method| item.get(**method).is_some());
        methods.map(|method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// Routes without a case, and cases without a route.
pub fn uncovered(operations: &[String]) -> Vec<String> {
    let is_case = |operation: &String| CASES.iter().any(|case| case.operation == operation);
    let is_route = |case: &&Case| operations.iter().any(|operation| operation == case.operation);
    let new =
        operations.iter().filter(|operation| !is_case(operation)).map(|operation| format!("no case: {operation}"));
    let gone = CASES.iter().filter(|case| !is_route(case)).map(|case| format!("no such route: {}", case.operation));
    new.chain(gone).collect()
}
