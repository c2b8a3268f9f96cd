//! The keys of an org.

use drift::wire::{KeyBody, Page};
use leptos::prelude::*;

use crate::console::{
    data::{Outcome, PageData, fetched, page_data},
    kit::{Check, Confirm, Console, Copyable, Field, Form, Pager, Refused, Submit, When},
    want::{KEYS, ORG},
};

/// Creating, rotating and revoking keys.
#[component]
pub fn Keys() -> impl IntoView {
    let keys = fetched(ORG).and_then(|org| Ok((org.slug, fetched(KEYS)?)));
    let (org, keys) = match keys {
        Ok(found) => found,
        Err(problem) => return view! { <Console title="API keys"><Refused problem=*problem/></Console> }.into_any(),
    };
    let at = format!("/orgs/{org}/keys");
    view! {
        <Console title="API keys" lead="Programs authenticate with a key. Its scopes limit what it can do, in this org only.">
            <Secret/>
            <section class="card" data-list=""><KeyList keys at=at.clone()/></section>
            <section class="card">
                <h2>"New key"</h2>
                <Form call=format!("POST {at}") done="">
                    <Field name="name" label="Name" hint="What uses it, such as the name of a pipeline"/>
                    <fieldset class="form-checks">
                        <legend>"Scopes"</legend>
                        <Check name="scopes[]" value="ingest" text="Send batches" is_chosen=true/>
                        <Check name="scopes[]" value="read" text="Read datasets and batches"/>
                        <Check name="scopes[]" value="manage" text="Create and change datasets, references and keys; push --create needs it"/>
                    </fieldset>
                    <Field name="expires_at@" label="Last day" kind="date" hint="Works until the end of that day (UTC); without one, until it is revoked"/>
                    <Submit label="Create key"/>
                </Form>
            </section>
        </Console>
    }
    .into_any()
}

/// The secret of the key that was just made.
#[component]
fn Secret() -> impl IntoView {
    let Some(Outcome::Made(made)) = page_data().outcome else { return None };
    let secret = made["secret"].as_str()?.to_owned();
    Some(view! {
        <section class="card secret" role="status">
            <h2>"Copy the key now"</h2>
            <p>"It is not shown again. Store it where only the program that uses it can read it."</p>
            <Copyable text=secret/>
        </section>
    })
}

/// How long a key works.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Life {
    Revoked,
    Expired(String),
    Until(String),
    Endless,
}

impl Life {
    fn of(key: &KeyBody, page: &PageData) -> Self {
        match &key.expires_at {
            _ if key.revoked_at.is_some() => Self::Revoked,
            Some(at) if page.is_past(at) => Self::Expired(at.clone()),
            Some(at) => Self::Until(at.clone()),
            None => Self::Endless,
        }
    }
}

#[component]
fn KeyList(keys: Page<KeyBody>, at: String) -> impl IntoView {
    if keys.data.is_empty() && keys.next_cursor.is_none() {
        return view! { <p>"No key yet. Programs need a key to send batches."</p> }.into_any();
    }
    let page = page_data();
    let row = move |key: KeyBody| view! { <Key life=Life::of(&key, &page) at=format!("{at}/{}", key.id) key/> };
    view! {
        <table class="list">
            <thead>
                <tr>
                    <th>"Key"</th>
                    <th>"Scopes"</th>
                    <th>"Last used (UTC)"</th>
                    <th>"Expires (UTC)"</th>
                    <th><span class="hidden">"Action"</span></th>
                </tr>
            </thead>
            <tbody>{keys.data.into_iter().map(row).collect_view()}</tbody>
        </table>
        <Pager of=KEYS next=keys.next_cursor label="Older"/>
    }
    .into_any()
}

#[component]
fn Key(key: KeyBody, life: Life, at: String) -> impl IntoView {
    let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    let is_dead = matches!(life, Life::Revoked | Life::Expired(_));
    let is_revoked = life == Life::Revoked;
    let until = match life {
        Life::Revoked => "revoked".into_any(),
        Life::Expired(at) => view! { "expired "<When at/> }.into_any(),
        Life::Until(at) => view! { <When at/> }.into_any(),
        Life::Endless => "never expires".into_any(),
    };
    let name = key.name.clone();
    let acts = (!is_revoked).then(move || {
        let rotate = (!is_dead).then(|| {
            view! {
                <Confirm
                    call=format!("POST {at}/rotate")
                    label="Rotate"
                    of=name.clone()
                    question="The current secret stops working at once. The new one is shown once."
                    yes="Rotate key"
                    done=""
                />
            }
        });
        view! {
            {rotate}
            <Confirm
                call=format!("DELETE {at}")
                label="Revoke"
                of=name.clone()
                question="Programs that use it stop working at once. This cannot be undone."
                yes="Revoke key"
                done="Key revoked."
            />
        }
    });
    view! {
        <tr data-dead=is_dead.then_some("")>
            <td>{key.name}<small><code>{format!("ds_…_{}_…", key.key_id)}</code></small></td>
            <td>{scopes}</td>
            <td>
                {match key.last_used_at {
                    Some(at) => view! { <When at/> }.into_any(),
                    None => "never used".into_any(),
                }}
            </td>
            <td>{until}</td>
            <td class="list-acts">{acts}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, None, Life::Endless)]
    #[case(Some("2026-02-01T23:59:59Z"), None, Life::Until("2026-02-01T23:59:59Z".to_owned()))]
    #[case(Some("2026-01-30T23:59:59Z"), None, Life::Expired("2026-01-30T23:59:59Z".to_owned()))]
    #[case(Some("2026-02-01T23:59:59Z"), Some("2026-01-01T00:00:00Z"), Life::Revoked)]
    fn a_key_that_expired_does_not_look_alive(
        #[case] expires_at: Option<&str>,
        #[case] revoked_at: Option<&str>,
        #[case] expected: Life,
    ) {
        let page = PageData { now: "2026-01-31T08:00:00Z".to_owned(), ..PageData::default() };
        let key = KeyBody {
            id: String::new(),
            key_id: String::new(),
            name: String::new(),
            scopes: Vec::new(),
            created_at: String::new(),
            expires_at: expires_at.map(str::to_owned),
            revoked_at: revoked_at.map(str::to_owned),
            last_used_at: None,
            secret: None,
        };
        assert_eq!(Life::of(&key, &page), expected);
    }
}
