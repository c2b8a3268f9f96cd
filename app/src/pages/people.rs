//! Who belongs to an org, who is invited, and its name.

use drift::wire::{InviteBody, MemberBody, OrgBody, Page, Role};
use leptos::prelude::*;

use crate::console::{Act, Console, Field, Form, Outcome, Refused, Select, Submit, When, fetched, page_data};

/// Members and invites.
#[component]
pub fn People() -> impl IntoView {
    let org = match fetched::<OrgBody>("org") {
        Ok(org) => org,
        Err(problem) => return view! { <Console title="People"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_manage = org.is_at_least(Role::Admin);
    let slug = org.slug.clone();
    view! {
        <Console title="People">
            <section class="card">
                {match fetched::<Page<MemberBody>>("members") {
                    Ok(members) => view! { <Members members=members.data org=slug.clone() may_manage/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            {may_manage.then(|| view! { <Invites org=slug/><Rename org/> })}
        </Console>
    }
    .into_any()
}

const ROLES: [(&str, &str); 4] = [
    ("viewer", "Viewer: sees everything"),
    ("member", "Member: brings in data"),
    ("admin", "Admin: lets people in"),
    ("owner", "Owner: makes other owners"),
];

#[component]
fn Members(members: Vec<MemberBody>, org: String, may_manage: bool) -> impl IntoView {
    let row = move |member: MemberBody| {
        let at = format!("/orgs/{org}/members/{}", member.account.id);
        let of = format!("-{}", member.account.id);
        let (role, name, email) = (member.role.as_str(), member.account.name, member.account.email);
        view! {
            <tr>
                <td>{name}<small>{email}</small></td>
                <td>
                    {if may_manage {
                        view! {
                            <Form call=format!("PATCH {at}") version=member.version>
                                <Select name="role" label="Role" options=ROLES.to_vec() chosen=role of/>
                                <button class="button" data-size="small">"Change"</button>
                            </Form>
                        }
                            .into_any()
                    } else {
                        role.into_any()
                    }}
                </td>
                <td><When at=member.created_at/></td>
                <td>{may_manage.then(|| view! { <Act call=format!("DELETE {at}") label="Remove"/> })}</td>
            </tr>
        }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Who"</th><th>"Role"</th><th>"Since"</th><th><span class="hidden">"Action"</span></th></tr>
            </thead>
            <tbody>{members.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Invites(org: String) -> impl IntoView {
    let open = fetched::<Page<InviteBody>>("invites").map(|page| page.data).unwrap_or_default();
    let at = format!("/orgs/{org}/invites");
    let link = match page_data().outcome {
        Some(Outcome::Made(made)) => made["link"].as_str().map(str::to_owned),
        _ => None,
    };
    let row = {
        let at = at.clone();
        move |invite: InviteBody| {
            view! {
                <tr>
                    <td>{invite.email}</td>
                    <td>{invite.role.as_str()}</td>
                    <td><When at=invite.expires_at/></td>
                    <td><Act call=format!("DELETE {at}/{}", invite.id) label="Take back"/></td>
                </tr>
            }
        }
    };
    view! {
        <section class="card">
            <h2>"Invite somebody"</h2>
            {link
                .map(|link| {
                    view! {
                        <div class="secret" role="status">
                            <p>"Send this link to the person. It works once, within a week, and is not shown again."</p>
                            <code>{link}</code>
                        </div>
                    }
                })}
            <Form call=format!("POST {at}")>
                <Field name="email" label="Email" kind="email"/>
                <Select name="role" label="Role" options=ROLES.to_vec() chosen="member"/>
                <Submit label="Make a link"/>
            </Form>
            {(!open.is_empty())
                .then(|| {
                    view! {
                        <table class="list">
                            <thead>
                                <tr>
                                    <th>"Open invites"</th>
                                    <th>"Role"</th>
                                    <th>"Until"</th>
                                    <th><span class="hidden">"Action"</span></th>
                                </tr>
                            </thead>
                            <tbody>{open.into_iter().map(row).collect_view()}</tbody>
                        </table>
                    }
                })}
        </section>
    }
}

#[component]
fn Rename(org: OrgBody) -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Name"</h2>
            <Form call=format!("PATCH /orgs/{}", org.slug) version=org.version>
                <Field name="name" label="Name of the org" value=org.name/>
                <Submit label="Rename"/>
            </Form>
        </section>
    }
}
