//! `driftsiren man`: manual pages.

use std::io;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::arguments::{Common, TEMPLATE};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{Target, note, write_stdout};

const EXAMPLES: &str = "\
Examples:
  driftsiren man | man -l -
  driftsiren man --out ~/.local/share/man/man1
";

/// Flags of `man`.
#[derive(Debug, Args)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub struct ManArgs {
    /// Folder to write the pages of all commands into; by default the main page goes to stdout.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Prints the page of `command`, or writes those of its subcommands too.
pub fn run(args: &ManArgs, common: &Common, mut command: Command) -> Outcome {
    command.build();
    let Some(folder) = &args.out else {
        write_stdout(&page(&command, "driftsiren")?)?;
        return Ok(Exit::Clean);
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::input(format!("cannot create the folder {}", folder.display())).caused_by(&error))?;
    let mut n_pages = 0;
    let all = std::iter::once(("driftsiren".to_owned(), &command))
        .chain(command.get_subcommands().map(|sub| (format!("driftsiren-{}", sub.get_name()), sub)));
    for (name, command) in all {
        let path = folder.join(format!("{name}.1"));
        Target::File(path).write(&page(command, &name)?)?;
        n_pages += 1;
    }
    note(common.quiet, &format!("{n_pages} pages ({})", folder.display()));
    Ok(Exit::Clean)
}

/// One page: name, synopsis, description, examples, options, commands, exit status, version.
fn page(command: &Command, name: &str) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    render(command, name, &mut bytes).map_err(|error| Failure::new(Exit::Bug, format!("manual page: {error}")))?;
    Ok(bytes)
}

fn render(command: &Command, name: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone()).title(name).manual("DriftSiren");
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    let examples = examples.trim().trim_start_matches("Examples:");
    if !examples.is_empty() {
        out.extend(b".SH EXAMPLES\n.nf\n");
        for line in examples.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
            out.extend(format!("\\&{line}\n").into_bytes());
        }
        out.extend(b".fi\n");
    }
    man.render_options_section(out)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(out)?;
    }
    let exit_codes = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if let Some(codes) = exit_codes.strip_prefix("Exit codes:\n") {
        out.extend(b".SH EXIT STATUS\n.nf\n");
        out.extend(codes.replace('-', "\\-").into_bytes());
        out.extend(b"\n.fi\n");
    }
    if command.get_version().is_some() {
        man.render_version_section(out)?;
    }
    Ok(())
}
