//! `driftsiren-server`: reads the settings, listens, and stops when it is told to.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Arg, ArgMatches, Command, value_parser};
use driftsiren_server::{
    config::{Config, FILE, Layers, Resolved, SETTINGS, env_example, unknown_variables},
    listen, open,
    request_id::Lines,
    router,
};
use tokio::{net::TcpListener, signal};
use tracing::{error, info, warn};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Many short requests on many threads: the system's allocator spent a third of their time, much of it waiting.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn command() -> Command {
    let flags = SETTINGS.iter().filter(|setting| !setting.is_secret).map(|setting| {
        Arg::new(setting.name).long(setting.flag()).help(setting.about).value_name("VALUE").global(true)
    });
    Command::new("driftsiren-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Serves DriftSiren's pages and its API")
        .arg(
            Arg::new("config")
                .long("config")
                .short('c')
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .global(true)
                .help(format!("File of settings [default: {FILE} in this folder, if there is one]")),
        )
        .args(flags)
        .subcommand(
            Command::new("config")
                .about("Looks at the settings")
                .subcommand_required(true)
                .subcommand(
                    Command::new("check").about("Shows what holds and where it was set, and refuses what cannot"),
                )
                .subcommand(Command::new("example").about("Prints all settings as .env.example")),
        )
}

/// Says what went wrong and what stands behind it, without the stack: most of it is about settings.
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_reader_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be there to read it.
            let _ = writeln!(std::io::stderr(), "Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether what was printed had a reader that has read enough, such as `head`.
fn is_reader_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run() -> anyhow::Result<()> {
    let arguments = command().get_matches();
    if arguments.subcommand_matches("config").is_some_and(|config| config.subcommand_matches("example").is_some()) {
        write!(std::io::stdout(), "{}", env_example())?;
        return Ok(());
    }
    let resolved = settings(&arguments)?;
    let config = Config::of(&resolved)?;
    if arguments.subcommand_matches("config").is_some() {
        write!(std::io::stdout(), "{resolved}")?;
        for name in unknown_names() {
            writeln!(std::io::stderr(), "warning: {name} is no setting of the server, and sets nothing")?;
        }
        return Ok(());
    }
    serve(config)
}

fn settings(arguments: &ArgMatches) -> anyhow::Result<Resolved> {
    // Flags may stand before or behind a subcommand; clap hands global ones down to the last.
    let mut innermost = arguments;
    while let Some((_, matches)) = innermost.subcommand() {
        innermost = matches;
    }
    let named = innermost.get_one::<PathBuf>("config");
    let path = named.map_or(Path::new(FILE), PathBuf::as_path);
    let layers = match std::fs::read_to_string(path) {
        Ok(text) => Layers::default().with_file(path, &text)?,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Layers::default(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let flag = |setting: &driftsiren_server::config::Setting| innermost.get_one::<String>(setting.name).cloned();
    Ok(layers.with_variables(|name| std::env::var(name).ok()).with_flags(flag).resolve())
}

fn unknown_names() -> Vec<String> {
    unknown_variables(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

#[tokio::main]
async fn serve(config: Config) -> anyhow::Result<()> {
    let filter: Targets = config.log.parse().context("the log's filter was looked at before")?;
    // PostgreSQL says at each start that the migrations' table is there already.
    let filter = filter.with_target("sqlx::postgres::notice", LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Lines::default())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    tracing_subscriber::registry().with(filter).with(lines).init();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !drift::read::parquet::is_guarded() {
            report(panic);
        }
    }));
    for name in unknown_names() {
        warn!(name, "a variable is no setting of the server, and sets nothing");
    }
    let addr = config.addr;
    let state = open(config).await?;
    let router = router(&state).context("cannot read the folder of DRIFTSIREN_SITE")?;
    let listener =
        TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr}, is the port taken?"))?;
    state.expire();
    // Programs that start the server read this line: with port 0 only it tells the port.
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let serving = listen::serve(listener, router, listen::Patience::default(), told_to_stop());
    tokio::select! {
        () = serving => {}
        () = state.store.lost() => {
            // What reached the disk is unknown, and only a fresh start finds out: nothing may be answered from here on.
            error!("the disk did not confirm a write; stopping at once, start the server again");
            std::process::abort();
        }
    }
    state.finish().await?;
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
