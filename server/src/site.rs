//! What browsers load besides pages: read once from the folder that `cargo xtask` made, served from memory.
//!
//! The address of a file holds a hash over all of them, so it may be kept for ever, and files that load each
//! other by a relative address always belong together.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::Path as UrlPath,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

use crate::{
    assets::{STYLESHEET_URL, version_of},
    security,
};

/// The folder's content; empty where nothing was built, and then pages come without scripts.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, File>,
    /// Hash over all names and bytes.
    version: String,
}

#[derive(Debug)]
struct File {
    bytes: Bytes,
    /// The same, compressed with brotli.
    brotli: Option<Bytes>,
}

impl Site {
    /// Reads a folder with all below it.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut bytes = BTreeMap::new();
        collect(folder, "", &mut bytes)?;
        let version = version_of(bytes.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes.as_ref()]));
        let mut brotli: BTreeMap<String, Bytes> = BTreeMap::new();
        bytes.retain(|name, bytes| match name.strip_suffix(".br") {
            Some(name) => {
                brotli.insert(name.to_owned(), bytes.clone());
                false
            }
            None => true,
        });
        let files = bytes
            .into_iter()
            .map(|(name, bytes)| (name.clone(), File { bytes, brotli: brotli.remove(&name) }))
            .collect();
        Ok(Self { files, version })
    }

    /// Where the files are served, without a slash at the end; nothing when the pages' module is not among them.
    pub fn base(&self) -> Option<String> {
        self.files.contains_key("pages.js").then(|| format!("/assets/{}", self.version))
    }

    fn file(&self, name: &str) -> Option<&File> {
        self.files.get(name)
    }
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Bytes>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), into)?;
        } else {
            into.insert(name, fs::read(entry.path())?.into());
        }
    }
    Ok(())
}

pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/assets/{version}/{*name}", get(versioned))
        .route("/service-worker.js", get(service_worker))
        .layer(Extension(site))
}

async fn versioned(
    Extension(site): Extension<Arc<Site>>,
    UrlPath((version, name)): UrlPath<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match site.file(&name) {
        Some(file) if version == site.version => answer(&name, file, &headers, "public, max-age=31536000, immutable"),
        _ => (StatusCode::NOT_FOUND, "not found\n").into_response(),
    }
}

/// The service worker, with the list of what it keeps: it changes whenever a file does.
async fn service_worker(Extension(site): Extension<Arc<Site>>) -> Response {
    let Some(script) = site.file("service-worker.js").and_then(|file| std::str::from_utf8(&file.bytes).ok()) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let url = |name: &str| format!("\"/assets/{}/{name}\"", site.version);
    let (later, first): (BTreeSet<&str>, BTreeSet<&str>) =
        site.files.keys().map(String::as_str).filter(|name| is_kept(name)).partition(|name| is_for_later(name));
    let list = |names: BTreeSet<&str>| names.into_iter().map(url).collect::<Vec<_>>().join(", ");
    let body = format!(
        "const VERSION = \"{}\";\nconst STYLE = \"{}\";\nconst FIRST = [{}];\nconst LATER = [{}];\n{script}",
        site.version,
        *STYLESHEET_URL,
        list(first),
        list(later)
    );
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(security::SERVICE_WORKER_POLICY)),
    ];
    (headers, body).into_response()
}

fn is_kept(name: &str) -> bool {
    !matches!(name, "service-worker.js" | "manifest.webmanifest" | "logo.svg" | "favicon.svg") && !name.ends_with(".md")
}

/// Large, and not needed for the first comparison.
fn is_for_later(name: &str) -> bool {
    name.starts_with("reader_parquet") || name.starts_with("samples/")
}

fn answer(name: &str, file: &File, asked: &HeaderMap, cache: &'static str) -> Response {
    let takes_brotli = asked
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|coding| coding.trim().split(';').next() == Some("br")));
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if name.ends_with(".js") {
        // Only what runs as a worker heeds it: a worker that cannot connect cannot send a row anywhere.
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(security::WORKER_POLICY));
    }
    let bytes = match &file.brotli {
        Some(brotli) if takes_brotli => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            brotli
        }
        _ => &file.bytes,
    };
    (headers, bytes.clone()).into_response()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "csv" => "text/csv; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        _ => "application/octet-stream",
    }
}
