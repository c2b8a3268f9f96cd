//! Setting up the first owner, logging in, and accepting an invite.

use drift::wire::WelcomeBody;
use leptos::prelude::*;

use crate::console::{
    address::Address,
    data::{fetched, page_data},
    escape::{own_path, parameter},
    kit::{Field, Form, Hidden, Lone, Refused, Submit},
    want::WELCOME,
};

/// The first owner of an empty server.
#[component]
pub fn Setup() -> impl IntoView {
    view! {
        <Lone title="Set up DriftSiren" lead="No account exists yet. This form creates the first account and its org; the account owns both.">
            <Form call="POST /setup" next=Address::Orgs.href(&[]) done="">
                <Field name="email" label="Email" kind="email" autocomplete="username"/>
                <Field name="name" label="Your name" autocomplete="name"/>
                <Field
                    name="password"
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    hint="At least 12 characters"
                />
                <Field name="org_name" label="Name of your org" hint="A company or a team; you can rename it later"/>
                <Submit label="Create owner and org"/>
            </Form>
        </Lone>
    }
}

/// Logging in.
#[component]
pub fn Login() -> impl IntoView {
    // Only a path of this server: the address bar is not ours.
    let next = page_data().query.get("next").and_then(|next| own_path(next)).map(str::to_owned);
    view! {
        <Lone title="Log in">
            <Form call="POST /login" next=next.unwrap_or_else(|| Address::Orgs.href(&[])) done="">
                <Field name="email" label="Email" kind="email" autocomplete="username"/>
                <Field name="password" label="Password" kind="password" autocomplete="current-password"/>
                <Submit label="Log in"/>
            </Form>
            <p class="form-note">"No account? Ask an admin of your org for an invite."</p>
        </Lone>
    }
}

/// Using the link of an invite.
#[component]
pub fn Join() -> impl IntoView {
    let token = page_data().query.get("token").cloned().unwrap_or_default();
    match fetched(WELCOME) {
        Ok(welcome) => view! { <Welcome welcome token/> }.into_any(),
        Err(problem) => view! { <Lone title="Invite"><Refused problem=*problem/></Lone> }.into_any(),
    }
}

#[component]
fn Welcome(welcome: WelcomeBody, token: String) -> impl IntoView {
    let WelcomeBody { org_name, email, role, has_account } = welcome;
    let lead = format!("As {}, with the address {email}.", role.as_str());
    let login = {
        let back = format!("{}?token={}", Address::Join.href(&[]), parameter(&token));
        format!("{}?next={}", Address::Login.href(&[]), parameter(&back))
    };
    view! {
        <Lone title=format!("Join {org_name}") lead=lead>
            <Form call="POST /invites/accept" next=Address::Orgs.href(&[]) done="">
                <Hidden name="token" value=token/>
                {(!has_account)
                    .then(|| {
                        view! {
                            <Field name="name" label="Your name" autocomplete="name"/>
                            <Field
                                name="password"
                                label="Password"
                                kind="password"
                                autocomplete="new-password"
                                hint="At least 12 characters"
                            />
                        }
                    })}
                <Submit label="Join"/>
            </Form>
            {has_account
                .then(|| view! { <p class="form-note">"You have an account: "<a href=login>"log in"</a>" first."</p> })}
        </Lone>
    }
}
