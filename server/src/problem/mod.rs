//! Refusals, as every caller of the API gets them.

pub mod kinds;
pub mod table;

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use drift::{
    RefusalKind,
    wire::{FieldError, Problem},
};

use self::kinds::Kind;
use crate::store::StoreError;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    retry_after: Option<Duration>,
    cause: Option<Cause>,
}

/// What stands behind a refusal: for the log, and not for the visitor.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Whether it is our own mistake, and not only bad luck.
    pub is_fault: bool,
    pub text: String,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A refusal of this kind; `detail` says what happened and how to mend it.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let problem = Problem {
            r#type: format!("/problems/{}", kind.slug),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: detail.into(),
            ..Problem::default()
        };
        let retry_after = kind.is_temporary().then_some(Duration::from_secs(1));
        Self { problem: Box::new(problem), retry_after, cause: None }
    }

    /// The visitor may not know whether it exists.
    pub fn not_found() -> Self {
        Self::new(kinds::NOT_FOUND, "there is nothing at this address, or not for you")
    }

    /// One field that cannot be taken.
    pub fn field(pointer: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut error = Self::new(kinds::VALIDATION, format!("`{}`: {detail}", pointer.trim_start_matches('/')));
        error.problem.errors.push(FieldError { pointer: pointer.to_owned(), detail });
        error
    }

    /// Says when to come again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Says what stands behind it, for the log.
    #[must_use]
    fn because(mut self, is_fault: bool, failure: &StoreError) -> Self {
        self.cause = Some(Cause { is_fault, text: failure.to_string() });
        self
    }

    /// Names a limit and what passed it.
    #[must_use]
    pub fn passing(mut self, limit: u64, actual: Option<u64>) -> Self {
        self.problem.limit = Some(limit);
        self.problem.actual = actual;
        self
    }

    /// The kind's last word in `type`.
    pub fn slug(&self) -> &str {
        self.problem.r#type.trim_start_matches("/problems/")
    }

    /// The body of the answer.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or_default();
        let mut response = (status, Json(&*self.problem)).into_response();
        // Whoever knows the request's name adds it.
        response.extensions_mut().insert(*self.problem);
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(failure: StoreError) -> Self {
        match failure {
            StoreError::NotFound => Self::not_found(),
            StoreError::Taken(what) => Self::new(kinds::CONFLICT, format!("this {what} is taken; choose another")),
            StoreError::Stale(version) => {
                Self::new(kinds::STALE_VERSION, format!("it has version {version} now; read it again, then change it"))
            }
            StoreError::LastOwner => {
                Self::new(kinds::LAST_OWNER, "this is the last owner; make somebody else an owner first")
            }
            StoreError::ActiveReference => {
                Self::new(kinds::ACTIVE_REFERENCE, "batches are compared with it; make another one active first")
            }
            StoreError::Overtaken => Self::new(
                kinds::IDEMPOTENCY_IN_PROGRESS,
                "this took so long that another request with its key took its place; ask again for its answer",
            )
            .after(Duration::from_secs(1)),
            StoreError::DiskFull => {
                Self::new(kinds::INSUFFICIENT_STORAGE, "the server's disk is full; nothing was kept, try again later")
                    .after(Duration::from_secs(30))
            }
            StoreError::Unavailable(_) => {
                Self::new(kinds::STORE_UNAVAILABLE, "nothing was kept; try again").because(false, &failure)
            }
            StoreError::UnknownOnDisk(_) => {
                let detail = "the disk did not confirm the write, and the server starts again; send the same with the same \
                              idempotency key, or look at what is there";
                Self::new(kinds::STORE_UNAVAILABLE, detail).because(true, &failure)
            }
            StoreError::Corrupt { .. }
            | StoreError::UnknownDatabase
            | StoreError::Unreachable { .. }
            | StoreError::Unsuitable(_)
            | StoreError::Unexpected(_) => Self::internal().because(true, &failure),
        }
    }
}

impl ApiError {
    /// Our own mistake: the log has the details, the visitor has not.
    pub fn internal() -> Self {
        Self::new(kinds::INTERNAL, "it is our mistake, and it is in the log; trying again may help")
    }
}

impl From<drift::Error> for ApiError {
    fn from(error: drift::Error) -> Self {
        let refusal = &error.0;
        let kind = match refusal.kind {
            RefusalKind::Empty
            | RefusalKind::MalformedInput
            | RefusalKind::MalformedReport
            | RefusalKind::NotComparable
            | RefusalKind::InvalidOption
            | RefusalKind::Io
            | RefusalKind::Cancelled => kinds::MALFORMED_INPUT,
            RefusalKind::UnsupportedFormat => kinds::UNSUPPORTED_MEDIA_TYPE,
            RefusalKind::MalformedParquet => kinds::MALFORMED_PARQUET,
            RefusalKind::MalformedProfile => kinds::MALFORMED_PROFILE,
            RefusalKind::TooManyRows => kinds::TOO_MANY_ROWS,
            RefusalKind::TooManyColumns => kinds::TOO_MANY_COLUMNS,
            RefusalKind::TooManyValues => kinds::TOO_MANY_VALUES,
            RefusalKind::CellTooLong => kinds::CELL_TOO_LONG,
            RefusalKind::RecordTooLong => kinds::RECORD_TOO_LONG,
            RefusalKind::JsonTooDeep => kinds::JSON_TOO_DEEP,
            RefusalKind::ParquetLimit => kinds::PARQUET_LIMIT,
            RefusalKind::DecompressedTooLarge => kinds::DECOMPRESSED_TOO_LARGE,
            RefusalKind::InvalidColumnName => kinds::INVALID_COLUMN_NAME,
        };
        let mut api = Self::new(kind, error.to_string());
        api.problem.row = refusal.row;
        api.problem.column.clone_from(&refusal.column);
        api
    }
}
