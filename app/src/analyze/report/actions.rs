//! What to do with a report: save it, repeat it elsewhere, show it to somebody.

use leptos::{prelude::*, task::spawn_local};

use super::{
    menu::{Menu, MenuItem},
    share_dialog::ShareDialog,
};
use crate::{
    analyze::{
        commands,
        copy::copy,
        download::{blob_of, save_blob},
        session::{Session, engine},
    },
    components::icon::{Icon, Shape},
};

#[component]
pub fn Actions(session: Session) -> impl IntoView {
    let is_sharing = RwSignal::new(false);
    let export = move |format: &'static str, kind: &'static str, extension: &'static str| {
        move || {
            spawn_local(async move {
                match engine().render(format).await {
                    Ok(text) => save_blob(&blob_of(&text, kind), &format!("driftsiren-report.{extension}")),
                    Err(failure) => session.say(failure.message),
                }
            });
        }
    };
    let command = move |make: fn(&commands::Names, &crate::analyze::settings::Settings) -> String| {
        move || copy(session, make(&names(session), &session.settings.read_untracked()))
    };
    let call = move || {
        let origin = window().location().origin().unwrap_or_default();
        copy(session, commands::curl(&origin, &names(session), &session.settings.read_untracked()));
    };
    view! {
        <div class="actions">
            <Menu shape=Shape::Export title="Export">
                <MenuItem title="HTML" about="One file that reads anywhere" on_choose=export("html", "text/html", "html")/>
                <MenuItem title="JSON" about="The report itself, with its digest" on_choose=export("json", "application/json", "json")/>
                <MenuItem title="CSV" about="One row a column" on_choose=export("csv", "text/csv", "csv")/>
                <MenuItem title="Markdown" about="For a ticket or a pull request" on_choose=export("markdown", "text/markdown", "md")/>
            </Menu>
            <Menu shape=Shape::Terminal title="Copy as CI">
                <MenuItem title="Command line" about="driftsiren check, with these settings" on_choose=command(commands::line)/>
                <MenuItem title="GitHub Actions" about="A step that fails when the data drifted" on_choose=command(commands::github_step)/>
                <MenuItem title="curl" about="A call of this server's API" on_choose=call/>
                <MenuItem title="Settings file" about="driftsiren.toml" on_choose=command(commands::settings_file)/>
            </Menu>
            <button class="button" type="button" on:click=move |_| is_sharing.set(true)>
                <Icon shape=Shape::Link/>
                "Share link"
            </button>
        </div>
        <ShareDialog session is_open=is_sharing/>
    }
    .into_any()
}

fn names(session: Session) -> commands::Names {
    let report = session.report.read_untracked();
    let name = |of: fn(&drift::report::ReportView) -> &str, other: &str| {
        report.as_ref().map_or_else(|| other.to_owned(), |report| of(report).to_owned())
    };
    commands::Names {
        reference: name(|report| &report.reference.name, "reference.csv"),
        current: name(|report| &report.current.name, "current.csv"),
    }
}
