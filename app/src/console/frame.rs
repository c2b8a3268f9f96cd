//! What surrounds the pages of an org.

use drift::wire::{Me, OrgBody, Problem, Role};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{
    data::{fetched, page_data},
    form::Act,
};

/// A page of its own, narrow: logging in and the like.
#[component]
pub fn Lone(#[prop(into)] title: String, #[prop(optional, into)] lead: String, children: Children) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <section class="console-lone card">
            <h1>{title}</h1>
            {(!lead.is_empty()).then(|| view! { <p>{lead}</p> })}
            {children()}
        </section>
    }
}

/// A page of an org, with the way to the others.
#[component]
pub fn Console(#[prop(into)] title: String, children: Children) -> impl IntoView {
    let me = fetched::<Me>("me").ok();
    let org = fetched::<OrgBody>("org").ok();
    let path = page_data().path;
    view! {
        <Title text=title.clone()/>
        <div class="console">
            <header class="console-head">
                {org.map(|org| view! { <OrgNav org path/> })}
                {me.map(|me| view! { <Whoami me/> })}
            </header>
            <h1>{title}</h1>
            {children()}
        </div>
    }
}

#[component]
fn OrgNav(org: OrgBody, path: String) -> impl IntoView {
    let base = format!("/orgs/{}", org.slug);
    let lets_in = org.is_at_least(Role::Admin);
    let link = |tail: &str, text: &'static str| {
        let href = format!("{base}{tail}");
        let is_here = path == href || (tail.is_empty() && path.starts_with(&format!("{base}/datasets")));
        view! { <a href=href aria-current=is_here.then_some("page")>{text}</a> }
    };
    view! {
        <nav class="console-nav" aria-label="Org">
            <a href="/orgs" class="console-org" title="Change org">{org.name.clone()}</a>
            {link("", "Datasets")}
            {link("/people", "People")}
            {lets_in.then(|| [link("/keys", "Keys"), link("/audit", "Audit")])}
        </nav>
    }
}

#[component]
fn Whoami(me: Me) -> impl IntoView {
    let name = me.account.map(|account| account.name).unwrap_or_default();
    view! {
        <div class="console-who">
            <a href="/account">{name}</a>
            <Act call="POST /logout" label="Log out" next="/login"/>
        </div>
    }
}

/// Shown in place of what could not be fetched.
#[component]
pub fn Refused(problem: Problem) -> impl IntoView {
    let Problem { title, detail, .. } = problem;
    view! { <section class="notice"><h2>{title}</h2><p>{detail}</p></section> }
}

/// A time as people read it, in UTC to the minute.
#[component]
pub fn When(#[prop(into)] at: String) -> impl IntoView {
    let minute = at.get(..16).unwrap_or(&at).replace('T', " ");
    view! { <time datetime=at title="UTC">{minute}</time> }
}
