//! One's own account, and the orgs one belongs to.

use drift::wire::{Me, OrgBody, Page, SessionBody};
use leptos::prelude::*;

use crate::console::{Act, Console, Field, Form, Refused, Submit, When, fetched};

/// Password and sessions.
#[component]
pub fn Account() -> impl IntoView {
    view! {
        <Console title="Your account">
            <section class="card">
                <h2>"Where you are logged in"</h2>
                {match fetched::<Page<SessionBody>>("sessions") {
                    Ok(sessions) => view! { <Sessions sessions=sessions.data/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card">
                <h2>"Change your password"</h2>
                <p>"Ends every other session."</p>
                <Form call="PUT /me/password">
                    <Field name="current" label="Password now" kind="password" autocomplete="current-password"/>
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
fn Sessions(sessions: Vec<SessionBody>) -> impl IntoView {
    let row = |session: SessionBody| {
        let call = format!("DELETE /me/sessions/{}", session.id);
        view! {
            <tr>
                <td>{session.user_agent}</td>
                <td><When at=session.created_at/></td>
                <td><When at=session.last_used_at/></td>
                <td>
                    {if session.is_current {
                        view! { "this browser" }.into_any()
                    } else {
                        view! { <Act call=call label="Log out"/> }.into_any()
                    }}
                </td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Browser"</th><th>"Logged in"</th><th>"Last seen"</th><th><span class="hidden">"Action"</span></th></tr>
            </thead>
            <tbody>{sessions.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// The orgs one belongs to, and a new one.
#[component]
pub fn Orgs() -> impl IntoView {
    let orgs = fetched::<Me>("me").map(|me| me.orgs);
    let item = |org: OrgBody| {
        let role = org.role.map(|role| role.as_str()).unwrap_or_default();
        view! { <li><a href=format!("/orgs/{}", org.slug)>{org.name}</a><small>{role}</small></li> }
    };
    view! {
        <Console title="Your orgs">
            <section class="card">
                {match orgs {
                    Ok(orgs) if orgs.is_empty() => view! { <p>"You belong to no org yet."</p> }.into_any(),
                    Ok(orgs) => view! { <ul class="org-list">{orgs.into_iter().map(item).collect_view()}</ul> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            <section class="card">
                <h2>"New org"</h2>
                <Form call="POST /orgs">
                    <Field name="name" label="Name"/>
                    <Submit label="Create org"/>
                </Form>
            </section>
        </Console>
    }
}
