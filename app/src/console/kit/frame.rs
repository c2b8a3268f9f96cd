//! What surrounds the pages of an org.

use drift::wire::{Me, OrgBody, Problem, Role};
use leptos::prelude::*;
use leptos_meta::Title;

use crate::console::{
    address::Address,
    data::{fetched, page_data},
    kit::{
        form::{Act, Complaint, Note, RequestId, sentence},
        icon::{Sign, SignIcon},
    },
    want::{ME, ORG},
};

/// A page of its own, narrow: logging in and the like.
#[component]
pub fn Lone(#[prop(into)] title: String, #[prop(optional, into)] lead: String, children: Children) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <section class="console-lone card" data-raised="">
            <h1>{title}</h1>
            {(!lead.is_empty()).then(|| view! { <p>{lead}</p> })}
            <Note/>
            <Complaint/>
            {children()}
        </section>
    }
}

/// A page of an org, with the way to the others.
#[component]
pub fn Console(
    #[prop(into)] title: String,
    /// The answer in a sentence.
    #[prop(optional, into)]
    lead: String,
    /// The page that this one belongs to: address and name.
    #[prop(optional)]
    above: Option<(String, &'static str)>,
    children: Children,
) -> impl IntoView {
    let me = fetched(ME).ok();
    let org = fetched(ORG).ok();
    let path = page_data().path;
    view! {
        <Title text=title.clone()/>
        <div class="console">
            <div class="console-side">
                {org.map(|org| view! { <OrgNav org path=path.clone()/> })}
                {me.map(|me| view! { <Whoami me path/> })}
            </div>
            <div class="console-main">
                <header class="console-title">
                    {above.map(|(href, name)| view! { <p class="console-above"><a href=href>{name}</a>" /"</p> })}
                    <h1>{title}</h1>
                    {(!lead.is_empty()).then(|| view! { <p>{lead}</p> })}
                </header>
                <Note/>
            <Complaint/>
                {children()}
            </div>
        </div>
    }
}

#[component]
fn OrgNav(org: OrgBody, path: String) -> impl IntoView {
    let lets_in = org.is_at_least(Role::Admin);
    let letter: String = org.name.chars().take(1).flat_map(char::to_uppercase).collect();
    let here = Address::of(&path).map(|(address, _)| match address {
        Address::Dataset => Address::Datasets,
        other => other,
    });
    let link = |to: Address, sign: Sign, text: &'static str| {
        let href = to.href(&[&org.slug]);
        let is_here = here == Some(to);
        view! { <a href=href aria-current=is_here.then_some("page")><SignIcon sign/>{text}</a> }
    };
    view! {
        <nav class="console-nav" aria-label="Org">
            <a href=Address::Orgs.href(&[]) class="console-org" title="Change org">
                <span class="console-letter" aria-hidden="true">{letter}</span>
                <span>{org.name.clone()}</span>
            </a>
            {link(Address::Datasets, Sign::Datasets, "Datasets")}
            {link(Address::People, Sign::People, "People")}
            {link(Address::Usage, Sign::Usage, "Usage")}
            {lets_in.then(|| [link(Address::Keys, Sign::Keys, "Keys"), link(Address::Audit, Sign::Audit, "Audit")])}
        </nav>
    }
}

#[component]
fn Whoami(me: Me, path: String) -> impl IntoView {
    let name = me.account.map(|account| account.name).unwrap_or_default();
    let is_here = path == Address::Account.pattern();
    view! {
        <div class="console-who">
            <a href=Address::Account.href(&[]) aria-current=is_here.then_some("page")>
                <SignIcon sign=Sign::Account/>
                <span>{name}</span>
            </a>
            <Act call="POST /logout" label="Log out" done="" next=Address::Login.href(&[])/>
        </div>
    }
}

/// Shown in place of what could not be fetched: what the server said, what finds it in the log, and a way on.
#[component]
pub fn Refused(problem: Problem) -> impl IntoView {
    let Problem { title, detail, request_id, status, .. } = problem;
    let page = page_data();
    let (title, detail) = match (status, Address::of(&page.path).and_then(|(address, _)| address.least())) {
        (403, Some(least)) => ("You cannot open this page".to_owned(), who_may(least)),
        _ => (title, sentence(&detail)),
    };
    // Asking again helps where something may come right by itself; not where nothing is, or not for this visitor.
    let (href, way) = match status {
        403 | 404 => (Address::Orgs.href(&[]), "Go to your orgs"),
        422 => (page.path, "Back to the first page"),
        _ => (page.address_at("", None), "Try again"),
    };
    view! {
        <section class="refused">
            <h2>{title}</h2>
            <p>{detail}</p>
            <a class="button" href=href>{way}</a>
            {request_id.map(|id| view! { <RequestId id/> })}
        </section>
    }
}

/// Who sees a page that this visitor does not.
fn who_may(least: Role) -> String {
    let who = match least {
        Role::Viewer | Role::Member => "Members of the org see it. Ask one of its admins to change your role.",
        Role::Admin => "Owners and admins of the org see it. Ask one of them, or ask for another role.",
        Role::Owner => "Owners of the org see it. Ask one of them.",
    };
    who.to_owned()
}

/// A time as people read it, in UTC to the minute.
#[component]
pub fn When(#[prop(into)] at: String) -> impl IntoView {
    let minute = at.get(..16).unwrap_or(&at).replace('T', " ");
    view! { <time datetime=at title="UTC">{minute}</time> }
}
