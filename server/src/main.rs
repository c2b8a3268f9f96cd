//! `driftsiren-server`: reads the settings, listens, and stops when it is told to.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use driftsiren_server::{config::Config, router};
use tokio::{net::TcpListener, signal};
use tracing::info;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(EnvFilter::try_from_env("DRIFTSIREN_LOG").unwrap_or_else(|_| EnvFilter::new("info")))
        .init();
    let config = Config::from_variables(|name| std::env::var(name).ok())?;
    let router = router(&config).with_context(|| match &config.site {
        Some(folder) => format!("cannot read {}, the folder of DRIFTSIREN_SITE", folder.display()),
        None => "cannot make the routes".to_owned(),
    })?;
    let listener = TcpListener::bind(config.addr)
        .await
        .with_context(|| format!("cannot listen on {}, is the port taken?", config.addr))?;
    // Programs that start the server read this line: with port 0 only it tells the port.
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    axum::serve(listener, router).with_graceful_shutdown(told_to_stop()).await?;
    info!("stopped");
    Ok(())
}

/// Ends at ctrl-c or SIGTERM; answers under way are finished first.
async fn told_to_stop() {
    let interrupted = async {
        signal::ctrl_c().await.expect("the process may listen for ctrl-c");
    };
    #[cfg(unix)]
    let terminated = async {
        signal::unix::signal(signal::unix::SignalKind::terminate())
            .expect("the process may listen for SIGTERM")
            .recv()
            .await;
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
