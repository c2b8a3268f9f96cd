//! Who belongs to an org, who is invited, and its name.

use drift::wire::{InviteBody, MemberBody, OrgBody, Page, Role};
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::{Outcome, fetched, page_data},
    kit::{Act, Confirm, Console, Copyable, Field, Form, Pager, Refused, Select, Submit, When},
    want::{INVITES, ME, MEMBERS, ORG},
};

/// Members and invites.
#[component]
pub fn People() -> impl IntoView {
    let org = match fetched(ORG) {
        Ok(org) => org,
        Err(problem) => return view! { <Console title="People"><Refused problem=*problem/></Console> }.into_any(),
    };
    let may_manage = org.is_at_least(Role::Admin);
    let name = org.name.clone();
    view! {
        <Console title="People" lead="The members of this org and their roles.">
            <section class="card" data-list="" id="members">
                {match fetched(MEMBERS) {
                    Ok(members) => view! { <Members members org=org.slug.clone() name may_manage/> }.into_any(),
                    Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
                }}
            </section>
            {may_manage.then(|| view! { <Invites org=org.slug.clone()/><Rename org/> })}
        </Console>
    }
    .into_any()
}

const ROLES: [(&str, &str); 4] = [
    ("viewer", "Viewer: reads everything"),
    ("member", "Member: also sends data"),
    ("admin", "Admin: also manages people and keys"),
    ("owner", "Owner: also manages owners"),
];

#[component]
fn Members(members: Page<MemberBody>, org: String, name: String, may_manage: bool) -> impl IntoView {
    let own_id = fetched(ME).ok().and_then(|me| me.account).map(|account| account.id);
    let row = move |member: MemberBody| {
        let at = format!("/orgs/{org}/members/{}", member.account.id);
        let is_oneself = own_id.as_ref() == Some(&member.account.id);
        view! { <Member member at org_name=name.clone() may_manage is_oneself/> }
    };
    view! {
        <table class="list">
            <thead>
                <tr><th>"Who"</th><th>"Role"</th><th>"Since (UTC)"</th><th><span class="hidden">"Action"</span></th></tr>
            </thead>
            <tbody>{members.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=MEMBERS next=members.next_cursor/>
    }
}

#[component]
fn Member(member: MemberBody, at: String, org_name: String, may_manage: bool, is_oneself: bool) -> impl IntoView {
    let of = format!("-{}", member.account.id);
    let (role, name, email) = (member.role.as_str(), member.account.name, member.account.email);
    let change = format!("PATCH {at}");
    let remove = format!("DELETE {at}");
    let act = if is_oneself {
        view! {
            <Confirm
                call=remove
                next=Address::Orgs.href(&[])
                label="Leave"
                of=org_name.clone()
                question=format!("You lose access to {org_name} until somebody invites you again.")
                yes="Leave org"
                done=format!("You left {org_name}.")
            />
        }
    } else {
        view! {
            <Confirm
                call=remove
                label="Remove"
                of=name.clone()
                question=format!("{name} loses access to this org. Keys of the org keep working.")
                yes="Remove member"
                done=format!("{name} was removed.")
            />
        }
    };
    view! {
        <tr>
            <td>{name}{is_oneself.then_some(" (you)")}<small>{email}</small></td>
            <td>
                {if may_manage {
                    view! {
                        <Form call=change version=member.version place="members" done="Role saved.">
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
            <td class="list-acts">{may_manage.then_some(act)}</td>
        </tr>
    }
}

#[component]
fn Invites(org: String) -> impl IntoView {
    let at = format!("/orgs/{org}/invites");
    let link = match page_data().outcome {
        Some(Outcome::Made(made)) => made["link"].as_str().map(str::to_owned),
        Some(_) | None => None,
    };
    view! {
        <section class="card" id="invites">
            <h2>"Invite somebody"</h2>
            {link
                .map(|link| {
                    view! {
                        <div class="secret" role="status">
                            <p>"Send this link to the person. It works once, within a week, and is not shown again."</p>
                            <Copyable text=link/>
                        </div>
                    }
                })}
            <Form call=format!("POST {at}") place="invites" done="">
                <Field name="email" label="Email" kind="email"/>
                <Select name="role" label="Role" options=ROLES.to_vec() chosen="member"/>
                <Submit label="Make a link"/>
            </Form>
            {match fetched(INVITES) {
                Ok(open) => view! { <Open open at/> }.into_any(),
                Err(problem) => view! { <Refused problem=*problem/> }.into_any(),
            }}
        </section>
    }
}

/// Invites that nobody has used yet.
#[component]
fn Open(open: Page<InviteBody>, at: String) -> impl IntoView {
    if open.data.is_empty() && open.next_cursor.is_none() {
        return None;
    }
    let row = move |invite: InviteBody| {
        view! {
            <tr>
                <td>{invite.email}</td>
                <td>{invite.role.as_str()}</td>
                <td><When at=invite.expires_at/></td>
                <td class="list-acts"><Act call=format!("DELETE {at}/{}", invite.id) label="Delete" place="invites" done="Invite deleted."/></td>
            </tr>
        }
    };
    Some(view! {
        <table class="list">
            <thead>
                <tr>
                    <th>"Open invites"</th>
                    <th>"Role"</th>
                    <th>"Until (UTC)"</th>
                    <th><span class="hidden">"Action"</span></th>
                </tr>
            </thead>
            <tbody>{open.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=INVITES next=open.next_cursor/>
    })
}

#[component]
fn Rename(org: OrgBody) -> impl IntoView {
    view! {
        <section class="card" id="name">
            <h2>"Name"</h2>
            <Form call=format!("PATCH /orgs/{}", org.slug) version=org.version place="name" done="Name saved.">
                <Field name="name" label="Name of the org" value=org.name/>
                <Submit label="Rename" is_second=true/>
            </Form>
        </section>
    }
}
