//! The OpenAPI document, and the page that shows it.

use axum::{
    Router,
    http::{HeaderValue, Method, header::CONTENT_SECURITY_POLICY},
    response::Response,
};
use drift::wire::Problem;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, Type,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{Schema, SchemaType},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

use super::{BASE, idempotency, visitor::cookie_name};
use crate::{limits, problem::kinds::KINDS};

/// A body that is a file: whatever it holds, it is not JSON of a certain form.
pub struct File;

impl PartialSchema for File {
    fn schema() -> RefOr<Schema> {
        let any = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        any.description(Some("The bytes of a file, as they are")).into()
    }
}

impl ToSchema for File {}

#[derive(OpenApi)]
#[openapi(info(title = "DriftSiren"), components(schemas(Problem)))]
struct Head;

/// What the document says of the whole.
pub fn head() -> utoipa::openapi::OpenApi {
    let mut head = Head::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut head.info.version);
    let kinds = KINDS
        .iter()
        .fold(String::new(), |text, kind| format!("{text}| {} | `{}` | {} |\n", kind.status, kind.slug, kind.title));
    head.info.description = Some(format!(
        "Send an API key as `Authorization: Bearer ds_…`, or the session's cookie.\n\n\
         What is read has an `ETag`: with it as `If-None-Match` the answer is 304 as long as nothing changed.\n\n\
         What changes something takes an `Idempotency-Key`. The same request with the same key of the same person or API \
         key does nothing for 24 hours and gets the first answer again; a refusal leaves the key free. An answer that \
         showed a secret is not kept: its repeat gets 409 (`idempotency-answer-gone`), as does one whose answer was lost. \
         Routes that set cookies take no keys. Batches and profiles keep theirs for as long as they are kept.\n\n\
         Refusals are `application/problem+json`; the last word of their `type` is one of these:\n\n\
         | status | slug | meaning |\n|---|---|---|\n{kinds}"
    ));
    head
}

/// Adds what holds for every operation: how to prove who asks, and the shape of refusals.
pub fn complete(mut document: utoipa::openapi::OpenApi, is_over_tls: bool) -> utoipa::openapi::OpenApi {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let refusal = ResponseBuilder::new()
        .description("Refused; the slug in `type` says why")
        .content("application/problem+json", problem)
        .build();
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::PUT, &mut item.put),
            (Method::PATCH, &mut item.patch),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal.clone()));
            if idempotency::takes_part(&method, path) {
                operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
            }
        }
    }
    let components = document.components.get_or_insert_default();
    components
        .add_security_scheme("key", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(cookie_name(is_over_tls)));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let requirement = |name: &str| utoipa::openapi::security::SecurityRequirement::new(name, Vec::<String>::new());
    document.security = Some(vec![requirement("key"), requirement("session")]);
    document
}

/// The header that makes a change once.
fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]+$"));
    let (least, most) = (*limits::IDEMPOTENCY_KEY.start(), *limits::IDEMPOTENCY_KEY.end());
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Names the request: sent again within 24 hours, it is answered as before and does nothing."))
        .schema(Some(schema.min_length(Some(least)).max_length(Some(most))))
        .build()
}

/// Serves the document and the page that shows it; everything it loads is compiled in.
pub fn router(document: utoipa::openapi::OpenApi) -> Router {
    let ui = SwaggerUi::new("/docs/api").url(format!("{BASE}/openapi.json"), document);
    Router::from(ui).layer(axum::middleware::map_response(allow_own_files))
}

/// The page loads its own scripts and styles, and draws icons that its style sheet holds.
async fn allow_own_files(mut response: Response) -> Response {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                  connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
