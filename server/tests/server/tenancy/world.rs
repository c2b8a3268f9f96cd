//! Two orgs on one server: `acme` of Ada, who has something of everything, and `evil` of Eve, who has been in the
//! first one and was sent away.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use super::{Whose, rows::Rows};
use crate::client::{Client, PASSWORD, Reply, Server};

pub struct World {
    server: Server,
    pub ada: Client,
    pub eve: Client,
    /// A program of Eve's org that may do whatever a program may.
    pub eves_key: Client,
    pub rows: Rows,
    acme: Things,
    evil: Things,
    /// The id of an open invite into `acme`.
    pub invite: String,
    /// Whatever must not be shown outside of `acme`.
    pub marks: Vec<String>,
}

/// The names of what an org has, by the place in a path where they stand.
struct Things {
    org: Vec<String>,
    dataset: Vec<String>,
    reference: Vec<String>,
    key: Vec<String>,
    invite: Vec<String>,
    account: Vec<String>,
    session: Vec<String>,
}

fn id(reply: &Reply) -> String {
    reply.body["id"].as_str().unwrap_or_else(|| panic!("no id: {}", reply.text)).to_owned()
}

async fn made(client: &mut Client, path: &str, body: Value) -> Reply {
    let reply = client.call(Method::POST, path, Some(body)).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.text);
    reply
}

async fn sent(client: &mut Client, path: &str) -> Reply {
    let request = Request::post(format!("/api/v1{path}")).body(Body::from("age,job\n31,cook\n44,smith\n"));
    let reply = client.send(request.expect("a sound request")).await;
    assert!(reply.status.is_success(), "{path}: {}", reply.text);
    reply
}

/// Fills an org with one thing of each kind; also gives a batch and a key that may do everything.
async fn filled(owner: &mut Client, org: &str, dataset: &str, guest: &str) -> (Things, String, String) {
    let at = format!("/orgs/{org}");
    let set = made(owner, &format!("{at}/datasets"), json!({"name": dataset})).await;
    let batch = sent(owner, &format!("{at}/datasets/{dataset}/batches")).await;
    let reference = sent(owner, &format!("{at}/datasets/{dataset}/references?name=first")).await;
    let scopes = ["ingest", "read", "manage"];
    let key = made(owner, &format!("{at}/keys"), json!({"name": format!("key of {org}"), "scopes": scopes})).await;
    let invite = made(owner, &format!("{at}/invites"), json!({"email": guest, "role": "member"})).await;
    let me = owner.get("/me").await;
    let sessions = owner.get("/me/sessions").await;
    let things = Things {
        org: vec![org.to_owned(), id(&owner.get(&at).await)],
        dataset: vec![dataset.to_owned(), id(&set)],
        reference: vec![id(&reference)],
        key: vec![id(&key)],
        invite: vec![id(&invite)],
        account: vec![me.body["account"]["id"].as_str().expect("an id").to_owned()],
        session: vec![sessions.body["data"][0]["id"].as_str().expect("an id").to_owned()],
    };
    let batch = batch.body["batch_id"].as_str().expect("an id").to_owned();
    (things, batch, key.body["secret"].as_str().expect("a secret").to_owned())
}

impl World {
    pub async fn new() -> Self {
        let (server, mut ada) = Server::with_owner().await;
        let (acme, batch, secret) = filled(&mut ada, "acme", "loans", "carol@example.org").await;
        let mut eve = server.client();
        let invite = made(&mut ada, "/orgs/acme/invites", json!({"email": "eve@example.org", "role": "admin"})).await;
        let link = invite.body["link"].as_str().expect("a link").to_owned();
        let (_, token) = link.split_once("token=").expect("a secret");
        made(&mut eve, "/invites/accept", json!({"token": token, "name": "Eve", "password": PASSWORD})).await;
        let eves_id = eve.get("/me").await.body["account"]["id"].as_str().expect("an id").to_owned();
        let sent_away = ada.call(Method::DELETE, &format!("/orgs/acme/members/{eves_id}"), None).await;
        assert_eq!(sent_away.status, 204, "{}", sent_away.text);
        made(&mut eve, "/orgs", json!({"name": "Evil"})).await;
        let (evil, _, eves_secret) = filled(&mut eve, "evil", "mine", "mallory@example.org").await;
        let mut eves_key = server.client();
        eves_key.key = Some(eves_secret);
        let rows = Rows::of(&server.database, &acme.org[1], &[&acme.account[0]]).await;
        let mut marks = vec![batch, secret, "carol@example.org".to_owned(), "ada@example.org".to_owned()];
        for names in [&acme.reference, &acme.key, &acme.invite, &acme.account, &acme.session] {
            marks.extend(names.clone());
        }
        marks.extend([acme.org[1].clone(), acme.dataset[1].clone(), "\"acme\"".to_owned(), "loans".to_owned()]);
        Self { server, ada, eve, eves_key, rows, invite: acme.invite[0].clone(), acme, evil, marks }
    }

    pub fn is_postgres(&self) -> bool {
        self.server.database.is_postgres()
    }

    /// How many datasets of `acme` the database itself shows to a session that works for `evil`.
    pub async fn n_datasets_seen_by_eve(&self) -> usize {
        self.rows.n_datasets_seen_by(&self.evil.org[1]).await
    }

    /// Eve in another browser.
    pub async fn log_in(&self) -> Client {
        let mut eve = self.server.client();
        made(&mut eve, "/login", json!({"email": "eve@example.org", "password": PASSWORD})).await;
        eve
    }

    /// The names of a kind of thing: two spellings for orgs and datasets, one for the others.
    pub fn names(&self, kind: &str, whose: Whose) -> Vec<String> {
        let of = |things: &Things| match kind {
            "org" => things.org.clone(),
            "dataset" => things.dataset.clone(),
            "reference" => things.reference.clone(),
            "key" => things.key.clone(),
            "invite" => things.invite.clone(),
            "account" => things.account.clone(),
            "session" => things.session.clone(),
            other => panic!("paths have a new kind of name, {{{other}}}: say whose there are"),
        };
        match whose {
            Whose::Own => of(&self.evil),
            Whose::Theirs => of(&self.acme),
            // Of the same form, and nowhere.
            Whose::Nobodys => of(&self.acme)
                .iter()
                .map(|name| if name.len() == 36 { uuid::Uuid::now_v7().to_string() } else { "nowhere".to_owned() })
                .collect(),
        }
    }

    /// What of `acme` stands in a text.
    pub fn leaks<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a String> {
        self.marks.iter().filter(move |mark| text.contains(mark.as_str()))
    }
}
