//! The visitor's account and orgs.

use drift::wire::{OrgBody, Page, SessionBody};
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::fetched,
    kit::{Act, Console, Field, Form, Pager, Refused, Submit, When},
    want::{ORGS, SESSIONS},
};

/// Password and sessions.
#[component]
pub fn Account() -> impl IntoView {
    view! {
        <Console title="Your account">
            <section class="card" data-list="">
                <h2>"Where you are logged in"</h2>
                {match fetched(SESSIONS) {
                    Ok(sessions) => view! { <Sessions sessions/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card">
                <h2>"Change your password"</h2>
                <p>"Ends every other session."</p>
                <Form call="PUT /me/password" done="Password changed. Every other session was ended.">
                    <Field name="current" label="Current password" kind="password" autocomplete="current-password"/>
                    <Field
                        name="new"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 12 characters"
                    />
                    <Submit label="Change password"/>
                </Form>
            </section>
        </Console>
    }
}

#[component]
fn Sessions(sessions: Page<SessionBody>) -> impl IntoView {
    let row = |session: SessionBody| {
        let call = format!("DELETE /me/sessions/{}", session.id);
        view! {
            <tr>
                <td>{session.user_agent}</td>
                <td><When at=session.created_at/></td>
                <td><When at=session.last_used_at/></td>
                <td class="list-acts">
                    {if session.is_current {
                        view! { "this browser" }.into_any()
                    } else {
                        view! { <Act call=call label="Log out" done="That browser was logged out."/> }.into_any()
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Browser"</th><th>"Logged in (UTC)"</th><th>"Last seen (UTC)"</th><th><span class="hidden">"Action"</span></th></tr>
            </thead>
            <tbody>{sessions.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=SESSIONS next=sessions.next_cursor/>
    }
}

/// The visitor's orgs, and a form for a new one.
#[component]
pub fn Orgs() -> impl IntoView {
    view! {
        <Console title="Your orgs" lead="An org holds datasets, and the people and keys with access to them.">
            <section class="card" data-list="">
                {match fetched(ORGS) {
                    Ok(orgs) if orgs.data.is_empty() && orgs.next_cursor.is_none() => {
                        view! { <p>"You do not belong to an org yet."</p> }.into_any()
                    }
                    Ok(orgs) => view! { <OrgList orgs/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card">
                <h2>"New org"</h2>
                <Form call="POST /orgs" done="Org created.">
                    <Field name="name" label="Name"/>
                    <Submit label="Create org"/>
                </Form>
            </section>
        </Console>
    }
}

#[component]
fn OrgList(orgs: Page<OrgBody>) -> impl IntoView {
    let row = |org: OrgBody| {
        let role = org.role.map(|role| role.as_str()).unwrap_or_default();
        view! {
            <tr>
                <td><a href=Address::Datasets.href(&[&org.slug])>{org.name}</a></td>
                <td>{role}</td>
                <td class="number"><When at=org.created_at/></td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead><tr><th>"Org"</th><th>"Your role"</th><th class="number">"Created (UTC)"</th></tr></thead>
            <tbody>{orgs.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=ORGS next=orgs.next_cursor/>
    }
}
