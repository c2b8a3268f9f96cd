//! The keys of an org, and what was done there.

use drift::wire::{AuditBody, KeyBody, OrgBody, Page};
use leptos::prelude::*;

use crate::console::{Act, Console, Field, Form, Outcome, Refused, Submit, When, fetched, page_data};

/// Making, rotating and revoking keys.
#[component]
pub fn Keys() -> impl IntoView {
    let keys = fetched::<OrgBody>("org").and_then(|org| Ok((org.slug, fetched::<Page<KeyBody>>("keys")?.data)));
    let (org, keys) = match keys {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="API keys"><Refused problem=*problem/></Console> }.into_any(),
    };
    let at = format!("/orgs/{org}/keys");
    view! {
        <Console title="API keys">
            <Secret/>
            <section class="card"><KeyList keys at=at.clone()/></section>
            <section class="card">
                <h2>"New key"</h2>
                <Form call=format!("POST {at}")>
                    <Field name="name" label="Name" hint="What uses it, such as the name of a pipeline"/>
                    <fieldset class="form-checks">
                        <legend>"What it may do"</legend>
                        <Scope word="ingest" text="Send batches" is_chosen=true/>
                        <Scope word="read" text="Read datasets and batches"/>
                        <Scope word="manage" text="Make and change datasets, references and keys"/>
                    </fieldset>
                    <Submit label="Create key"/>
                </Form>
            </section>
        </Console>
    }
    .into_any()
}

#[component]
fn Scope(word: &'static str, text: &'static str, #[prop(optional)] is_chosen: bool) -> impl IntoView {
    view! { <label class="check"><input type="checkbox" name="scopes[]" value=word checked=is_chosen/>{text}</label> }
}

/// The secret of the key that was just made.
#[component]
fn Secret() -> impl IntoView {
    let Some(Outcome::Made(made)) = page_data().outcome else { return None };
    let secret = made["secret"].as_str()?.to_owned();
    Some(view! {
        <section class="card secret" role="status">
            <h2>"Copy the key now"</h2>
            <p>"It is not shown again. Put it where only the program that uses it can read it."</p>
            <code>{secret}</code>
        </section>
    })
}

#[component]
fn KeyList(keys: Vec<KeyBody>, at: String) -> impl IntoView {
    if keys.is_empty() {
        return view! { <p>"No key yet. Programs need one to send batches."</p> }.into_any();
    }
    let row = move |key: KeyBody| {
        let at = format!("{at}/{}", key.id);
        let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
        let is_alive = key.revoked_at.is_none();
        view! {
            <tr>
                <td>{key.name}<small><code>{format!("ds_…_{}_…", key.key_id)}</code></small></td>
                <td>{scopes}</td>
                <td>
                    {match key.last_used_at {
                        Some(at) => view! { <When at/> }.into_any(),
                        None => "never used".into_any(),
                    }}
                </td>
                <td class="list-acts">
                    {if is_alive {
                        view! {
                            <Act call=format!("POST {at}/rotate") label="Rotate"/>
                            <Act call=format!("DELETE {at}") label="Revoke"/>
                        }
                            .into_any()
                    } else {
                        "revoked".into_any()
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Key"</th><th>"May"</th><th>"Last used"</th><th><span class="hidden">"Action"</span></th></tr>
            </thead>
            <tbody>{keys.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// The audit log, newest first.
#[component]
pub fn Audit() -> impl IntoView {
    let page = match fetched::<Page<AuditBody>>("audit") {
        Ok(page) => page,
        Err(problem) => return view! { <Console title="Audit log"><Refused problem=*problem/></Console> }.into_any(),
    };
    let row = |entry: AuditBody| {
        view! {
            <tr>
                <td><When at=entry.at/></td>
                <td>{entry.actor_name}</td>
                <td><code>{entry.action}</code></td>
                <td>{entry.target}</td>
                <td>{entry.outcome}</td>
            </tr>
        }
    };
    view! {
        <Console title="Audit log">
            <section class="card">
                <table class="list">
                    <thead>
                        <tr><th>"When (UTC)"</th><th>"Who"</th><th>"What"</th><th>"To what"</th><th>"Outcome"</th></tr>
                    </thead>
                    <tbody>{page.data.into_iter().map(row).collect_view()}</tbody>
                </table>
                {page.next_cursor.map(|cursor| view! { <a class="button" href=format!("?cursor={cursor}")>"Older"</a> })}
            </section>
        </Console>
    }
    .into_any()
}
