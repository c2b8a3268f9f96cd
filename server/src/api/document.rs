//! The OpenAPI document, and the page that shows it.

use axum::{
    Router,
    http::{HeaderValue, header::CONTENT_SECURITY_POLICY},
    response::Response,
};
use drift::wire::Problem;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, Ref, RefOr, ResponseBuilder,
        schema::{Schema, SchemaType},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::SwaggerUi;

use super::{BASE, visitor::cookie_name};
use crate::limits::KINDS;

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
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal.clone()));
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
