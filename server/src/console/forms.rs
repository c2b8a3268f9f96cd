//! Forms of pages without JavaScript: their fields become a call of the API, made in process.

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, Request, StatusCode,
        header::{CONTENT_TYPE, COOKIE, HOST, IF_MATCH, USER_AGENT},
    },
    response::Response,
};
use drift::wire::{FieldError, Problem};
use serde_json::{Map, Value};
use tower::ServiceExt;

use crate::api::BASE;
use crate::{
    access::source::Source,
    problem::{ApiError, kinds},
    request_id,
};

/// The API as the server itself calls it.
#[derive(Clone)]
pub struct InProcess {
    router: Router,
    /// Where the request comes from that a page or form answers.
    source: Option<Source>,
}

/// What the API said.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// Null when there is no body, or one that is no JSON.
    pub body: Value,
}

impl Reply {
    /// The answer to a form with which the API was not asked.
    pub fn refused(why: Problem, visitor: &HeaderMap) -> Self {
        let problem = Problem { request_id: request_id::of(visitor).map(str::to_owned), ..why };
        let status = StatusCode::from_u16(problem.status).unwrap_or_default();
        Self { status, headers: HeaderMap::new(), body: serde_json::to_value(problem).unwrap_or_default() }
    }

    /// The body, or why there is none.
    pub fn result(&self) -> Result<Value, Box<Problem>> {
        if self.status.is_success() {
            return Ok(self.body.clone());
        }
        Err(Box::new(serde_json::from_value(self.body.clone()).unwrap_or_else(|_| Problem {
            title: "Something broke here".to_owned(),
            status: self.status.as_u16(),
            ..Problem::default()
        })))
    }
}

/// A call of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub if_match: Option<String>,
    pub body: Option<Value>,
}

impl Call {
    /// The call of a form. Its field `_call` names method and address; `_version` is what is changed. A name that
    /// ends in `[]` makes a list, one that ends in `?` is left out when it is empty, one in `#` is a number. One in `@`
    /// is a day, sent as its last second in UTC, and left out when it is empty. One in `~` is null when it is empty. What
    /// stands behind a `:` names a member of an object, null where the field is empty.
    pub fn of_form(fields: &[(String, String)]) -> Option<Self> {
        let field = |name| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let (method, path) = field("_call")?.split_once(' ')?;
        let is_own = path.strip_prefix(BASE).is_some_and(|rest| rest.starts_with('/'));
        let mut body = Map::new();
        for (name, value) in fields.iter().filter(|(name, _)| !name.starts_with('_')) {
            if let Some((name, member)) = name.split_once(':') {
                let members = body.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
                let value = Some(value.clone()).filter(|value| !value.is_empty());
                members.insert(member.to_owned(), value.map_or(Value::Null, Value::String));
            } else if let Some(name) = name.strip_suffix("[]") {
                let list = body.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                list.as_array_mut()?.extend(Some(value.clone()).filter(|value| !value.is_empty()).map(Value::String));
            } else if let Some(name) = name.strip_suffix('?') {
                if !value.is_empty() {
                    body.insert(name.to_owned(), Value::String(value.clone()));
                }
            } else if let Some(name) = name.strip_suffix('@') {
                if !value.is_empty() {
                    body.insert(name.to_owned(), Value::String(format!("{value}T23:59:59Z")));
                }
            } else if let Some(name) = name.strip_suffix('~') {
                let value = Some(value.clone()).filter(|value| !value.is_empty());
                body.insert(name.to_owned(), value.map_or(Value::Null, Value::String));
            } else if let Some(name) = name.strip_suffix('#') {
                body.insert(name.to_owned(), value.parse::<u64>().map_or_else(|_| value.clone().into(), Value::from));
            } else {
                body.insert(name.clone(), Value::String(value.clone()));
            }
        }
        is_own.then_some(Self {
            method: method.parse().ok()?,
            path: path.to_owned(),
            if_match: field("_version").map(str::to_owned),
            body: (!body.is_empty()).then_some(Value::Object(body)),
        })
    }

    /// The call of a form with a file, which is the body; the other fields stand behind the question mark.
    pub fn of_file_form(fields: &[(String, String)]) -> Option<Self> {
        let call = Self::of_form(fields)?;
        let fields = fields.iter().filter(|(name, _)| !name.starts_with('_'));
        let query: Vec<String> = fields.map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        Some(Self { path: format!("{}?{}", call.path, query.join("&")), body: None, ..call })
    }
}

/// What cannot be undone is asked for by name: `_typed` must be what `_confirm` says.
pub fn unconfirmed(fields: &[(String, String)]) -> Option<Problem> {
    let field = |name| fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.trim());
    let name = field("_confirm").filter(|name| field("_typed") != Some(name))?;
    let detail = format!("type `{name}` to confirm; nothing was changed");
    let mut problem = ApiError::new(kinds::VALIDATION, detail.clone()).problem().clone();
    problem.errors.push(FieldError { pointer: "/_typed".to_owned(), detail });
    Some(problem)
}

/// Text as it may stand in an address.
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => text + &char::from(byte).to_string(),
        other => text + &format!("%{other:02X}"),
    })
}

impl InProcess {
    /// Calls this router, whose layers are not those of the whole server.
    pub fn new(router: Router) -> Self {
        Self { router, source: None }
    }

    /// Calls it for a request from somewhere.
    #[must_use]
    pub fn on_behalf_of(self, source: Option<Source>) -> Self {
        Self { source, ..self }
    }

    /// Calls the API for the visitor of a page.
    pub async fn call(&self, call: Call, visitor: &HeaderMap) -> Reply {
        self.call_with(call, visitor, None).await
    }

    /// The same, with a file as the body.
    pub async fn call_with(&self, call: Call, visitor: &HeaderMap, file: Option<Body>) -> Reply {
        let mut request = Request::builder().method(call.method).uri(call.path);
        for name in [COOKIE, HOST, USER_AGENT, request_id::HEADER] {
            if let Some(value) = visitor.get(&name) {
                request = request.header(name, value);
            }
        }
        if let Some(version) = call.if_match {
            request = request.header(IF_MATCH, format!("\"{version}\""));
        }
        let body = match (file, call.body) {
            (Some(file), _) => file,
            (None, Some(body)) => {
                request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                Body::from(body.to_string())
            }
            (None, None) => Body::empty(),
        };
        let Ok(mut request) = request.body(body) else {
            return Reply { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body: Value::Null };
        };
        if let Some(source) = self.source {
            request.extensions_mut().insert(source);
        }
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        reply(response).await
    }
}

async fn reply(response: Response) -> Reply {
    let (head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Reply { status: head.status, headers: head.headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(fields: &[(&str, &str)]) -> Option<Call> {
        let fields: Vec<_> = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Call::of_form(&fields)
    }

    #[test]
    fn fields_become_a_body() {
        let fields = [
            ("_call", "POST /api/v1/orgs/a/keys"),
            ("_version", "3"),
            ("name", "ci"),
            ("scopes[]", "ingest"),
            ("scopes[]", "read"),
            ("expires_at@", "2030-01-31"),
            ("until@", ""),
            ("zone?", ""),
            ("n#", "5"),
        ];
        let call = form(&fields).expect("a call");
        assert_eq!(call.method, Method::POST);
        assert_eq!(call.path, "/api/v1/orgs/a/keys");
        assert_eq!(call.if_match.as_deref(), Some("3"));
        let expected =
            json!({"name": "ci", "scopes": ["ingest", "read"], "expires_at": "2030-01-31T23:59:59Z", "n": 5});
        assert_eq!(call.body, Some(expected));
    }

    #[test]
    fn members_of_an_object_are_fields_of_their_own() {
        let fields = [("_call", "PATCH /api/v1/x"), ("column_types:a:b?", "numeric"), ("column_types:c", "")];
        let body = form(&fields).expect("a call").body;
        assert_eq!(body, Some(json!({"column_types": {"a:b?": "numeric", "c": null}})));
    }

    #[test]
    fn beside_a_file_fields_stand_in_the_address() {
        let fields = [("_call", "POST /api/v1/r"), ("name", "a&b")].map(|(name, value)| (name.into(), value.into()));
        let call = Call::of_file_form(&fields).expect("a call");
        assert_eq!((call.path.as_str(), call.body), ("/api/v1/r?name=a%26b", None));
    }

    #[test]
    fn what_cannot_be_undone_is_typed_first() {
        let asked = |typed: &str| {
            unconfirmed(&[("_confirm", "loans"), ("_typed", typed)].map(|(name, value)| (name.into(), value.into())))
        };
        assert!(asked(" loans ").is_none());
        let refusal = asked("loan").expect("a refusal");
        assert_eq!((refusal.status, refusal.errors[0].pointer.as_str()), (422, "/_typed"));
        assert!(unconfirmed(&[]).is_none(), "other forms ask nothing");
    }

    #[test]
    fn forms_call_the_api_and_nothing_else() {
        assert_eq!(form(&[("_call", "POST /theme")]), None);
        assert_eq!(form(&[("_call", "POST /api/v10")]), None);
        assert_eq!(form(&[("name", "x")]), None);
        assert_eq!(form(&[("_call", "DELETE /api/v1/me")]).expect("a call").body, None);
    }
}
