//! What the store promises, asked of SQLite in a folder of its own, and of PostgreSQL where a test server is given.

use driftsiren_server::{
    access::{
        api_key::ApiKey,
        role::{KeyScope, Role},
        secret::SecretHash,
    },
    store::{
        Durability, Location, RowSecurity, Store, StoreError,
        accounts::{self, NewAccount},
        audit::{self, Deed, Outcome},
        datasets::{self, NewDataset},
        id::AccountId,
        invites, keys, orgs,
        references::{self, NewReference},
        sessions,
    },
};
use jiff::{SignedDuration, Timestamp};
use sea_orm::ConnectionTrait;

use crate::database::TestDatabase;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn somebody(email: &str) -> NewAccount {
    NewAccount { email: email.to_owned(), name: "Ada".to_owned(), password_hash: "$argon2id$".to_owned() }
}

/// A line of the audit log.
fn deed(action: &str) -> Deed {
    let (actor, actor_name) = ("server".to_owned(), "server".to_owned());
    Deed { at: now(), actor, actor_name, action: action.to_owned(), target: "ci".to_owned(), outcome: Outcome::Done }
}

async fn with_owner(store: &Store) -> AccountId {
    accounts::set_up(store, somebody("ada@example.org"), "acme", "Acme", now()).await.expect("an empty database")
}

#[tokio::test]
async fn only_an_empty_database_is_set_up() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    assert!(accounts::is_empty(&store).await.expect("an answer"));
    let account = with_owner(&store).await;
    assert!(!accounts::is_empty(&store).await.expect("an answer"));
    let again = accounts::set_up(&store, somebody("eve@example.org"), "evil", "Evil", now()).await;
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
    let orgs = orgs::of_account(&store, account).await.expect("an answer");
    assert_eq!(orgs.len(), 1);
    assert_eq!((orgs[0].0.slug.as_str(), orgs[0].1), ("acme", Role::Owner));
}

#[tokio::test]
async fn two_that_set_up_at_once_make_one_owner() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let (one, other) = tokio::join!(
        accounts::set_up(&store, somebody("a@example.org"), "a", "A", now()),
        accounts::set_up(&store, somebody("b@example.org"), "b", "B", now()),
    );
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1);
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let database = TestDatabase::new().await;
    let account = {
        let store = database.open().await;
        let account = with_owner(&store).await;
        store.close().await.expect("closed");
        account
    };
    let store = database.open().await;
    let (found, _) = accounts::with_password(&store, "ada@example.org").await.expect("an answer").expect("Ada");
    assert_eq!(found.id, account);
}

#[tokio::test]
async fn a_second_server_on_one_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::new(format!("sqlite:{}", folder.path().join("x.db").display()));
    let _first = Store::open(&location).await.expect("nobody else has it");
    let error = Store::open(&location).await.err().expect("it is taken");
    assert!(error.to_string().contains("another server has the database"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_server_on_one_file_is_refused_whatever_the_file_is_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| Location::new(format!("sqlite:{}", folder.path().join(name).display()));
    let first = Store::open(&at("x.db")).await.expect("nobody else has it");
    std::fs::hard_link(folder.path().join("x.db"), folder.path().join("hard.db")).expect("the disk has links");
    std::os::unix::fs::symlink(folder.path().join("x.db"), folder.path().join("soft.db")).expect("the disk has links");
    for name in ["hard.db", "soft.db"] {
        let error = Store::open(&at(name)).await.err().expect("it is taken");
        assert!(error.to_string().contains("another server has the database"), "{name}: {error}");
    }
    assert!(accounts::is_empty(&first).await.expect("an answer"));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_of_the_files_may_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("data");
    let location = Location::new(format!("sqlite:{}", folder.join("x.db").display()));
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let store = Store::open(&location).await.expect("nobody else has it");
    with_owner(&store).await;
    assert_eq!(mode(&folder), 0o700);
    for end in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&folder.join(format!("x.db{end}"))), 0o600, "{end}");
    }
    store.close().await.expect("closed");
    drop(store);
    std::fs::set_permissions(folder.join("x.db"), std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    Store::open(&location).await.expect("nobody else has it");
    assert_eq!(mode(&folder.join("x.db")), 0o600, "a file of an older server is closed, too");
}

#[tokio::test]
async fn a_database_in_memory_is_refused_by_name() {
    for url in ["sqlite::memory:", "sqlite:", "sqlite:file:x?mode=memory"] {
        let error = Store::open(&Location::new(url)).await.err().expect("it would be gone");
        assert!(error.to_string().contains("in memory"), "{url}: {error}");
    }
    assert!(!std::path::Path::new(":memory:.lock").exists());
}

#[tokio::test]
async fn a_postgres_that_cannot_be_reached_is_named_with_the_cause() {
    // Bound and let go of, so that nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).expect("a port");
    let (log, _guard) = crate::log::Log::start();
    let error =
        Store::open(&Location::new(format!("postgres://ada:secret@{closed}/drift"))).await.err().expect("nobody");
    let text = error.to_string();
    assert!(text.contains(&closed.to_string()) && text.contains("refused") && !text.contains("secret"), "{text}");
    assert!(!log.about(&closed.to_string()).is_empty(), "it says so while it tries");
}

#[tokio::test]
async fn a_file_that_waits_less_for_the_disk_is_asked_for_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut location = Location::new(format!("sqlite:{}", folder.path().join("x.db").display()));
    location.durability = Durability::Normal;
    Store::open(&location).await.expect("the check knows what was asked for");
}

#[tokio::test]
async fn sessions_end_by_time_by_hand_and_with_a_password() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let account = with_owner(&store).await;
    let (one, other) = (SecretHash::of("one"), SecretHash::of("other"));
    let id = sessions::begin(&store, account, one, "browser", now()).await.expect("begun");
    sessions::begin(&store, account, other, "phone", now()).await.expect("begun");
    let is_in = async |token, at| sessions::resume(&store, token, at).await.expect("an answer").is_some();
    assert!(is_in(one, now() + SignedDuration::from_hours(11)).await, "and its use is noted");
    assert!(is_in(one, now() + SignedDuration::from_hours(22)).await);
    assert!(!is_in(other, now() + SignedDuration::from_hours(13)).await, "idle too long");
    assert_eq!(sessions::of_account(&store, account, now(), None, 9).await.expect("an answer").len(), 2);
    assert!(sessions::end(&store, account, id, now()).await.expect("an answer"));
    assert!(!is_in(one, now()).await);
    accounts::change_password(&store, account, "$new$".to_owned()).await.expect("changed");
    assert!(!is_in(other, now()).await);
    assert!(
        !sessions::end(&store, AccountId::new(), id, now()).await.expect("an answer"),
        "another's session stays out of reach"
    );
}

#[tokio::test]
async fn postgres_keeps_orgs_apart_by_itself() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let expected = if database.is_postgres() { RowSecurity::InForce } else { RowSecurity::Absent };
    assert_eq!(store.row_security(), expected);
}

#[tokio::test]
async fn an_org_keeps_an_owner() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    let changed = orgs::change_role(&scope, owner, Role::Viewer, 1, deed("member.change_role")).await;
    assert!(matches!(changed, Err(StoreError::LastOwner)), "{changed:?}");
    let removed = orgs::remove_member(&scope, owner, deed("member.remove")).await;
    assert!(matches!(removed, Err(StoreError::LastOwner)), "{removed:?}");
    assert_eq!(accounts::member(&scope, owner).await.expect("an answer").role, Role::Owner);
    let renamed = orgs::rename(&scope, "Acme Ltd", 1, deed("org.rename")).await.expect("version 1");
    assert_eq!((renamed.name.as_str(), renamed.version), ("Acme Ltd", 2));
    let late = orgs::rename(&scope, "Acme Inc", 1, deed("org.rename")).await;
    assert!(matches!(late, Err(StoreError::Stale(2))), "{late:?}");
}

/// On PostgreSQL, which has many writers, two transactions at once would each still see the other owner.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_owners_who_remove_each_other_at_once_leave_one() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let ada = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, ada, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    for round in 0..8 {
        let email = format!("bob{round}@example.org");
        let token = SecretHash::of(&email);
        invites::create(&scope, &email, Role::Owner, token, deed("invite.create")).await.expect("noted");
        let welcome = invites::welcome(&store, token, now()).await.expect("an answer").expect("an open link");
        let guest = invites::Guest::New { name: "Bob".to_owned(), password_hash: "$x$".to_owned() };
        invites::accept(&store, &welcome, guest, now()).await.expect("let in");
        let members = accounts::members(&scope, None, 99).await.expect("an answer");
        let owners: Vec<_> = members.into_iter().filter(|member| member.role == Role::Owner).collect();
        let [one, other] = &owners[..] else { panic!("two owners: {owners:?}") };
        let (demoted, removed) = tokio::join!(
            orgs::change_role(&scope, one.account.id, Role::Viewer, one.version, deed("member.change_role")),
            orgs::remove_member(&scope, other.account.id, deed("member.remove")),
        );
        assert_eq!([demoted.is_ok(), removed.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_references_that_come_at_once_one_is_active() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    for round in 0..8 {
        let name = format!("loans{round}");
        let time_zone = "UTC".to_owned();
        let new = NewDataset { name, time_column: None, slot_seconds: 3600, time_zone, retention_days: 90 };
        let dataset = datasets::create(&scope, new, deed("dataset.create")).await.expect("made").id;
        let reference = |name: &str| {
            let (profile, profile_hash) = (Vec::new(), String::new());
            let new = NewReference { name: name.to_owned(), n_rows: 1, profile, profile_hash };
            references::add(&scope, dataset, new, deed("reference.create"))
        };
        let (one, other) = tokio::join!(reference("one"), reference("other"));
        let (one, other) = (one.expect("kept"), other.expect("kept"));
        assert_ne!(one.is_active, other.is_active);
        let all = references::page(&scope, dataset, None, 9).await.expect("an answer");
        assert_eq!(all.iter().filter(|reference| reference.is_active).count(), 1);
    }
}

/// What changed and the line that tells of it are one transaction: without the line there is no change.
#[tokio::test]
async fn a_change_that_cannot_be_logged_is_not_made() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    database.run("drop table audit_entry").await;
    let new = keys::NewKey { name: "ci", scopes: &[KeyScope::Ingest], expires_at: None };
    assert!(keys::create(&scope, &ApiKey::new("test"), new, deed("key.create")).await.is_err());
    assert!(keys::page(&scope, None, 9).await.expect("an answer").is_empty());
    assert!(orgs::rename(&scope, "Acme Ltd", 1, deed("org.rename")).await.is_err());
    assert_eq!(orgs::get(&scope).await.expect("an answer").name, "Acme");
}

#[tokio::test]
async fn a_link_lets_one_person_in_once() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    let token = SecretHash::of("link");
    invites::create(&scope, "bob@example.org", Role::Member, token, deed("invite.create")).await.expect("noted");
    assert_eq!(invites::open(&scope, now(), None, 9).await.expect("an answer").len(), 1);
    let late = invites::welcome(&store, token, now() + invites::LIFE).await.expect("an answer");
    assert_eq!(late, None, "it has expired");
    let welcome = invites::welcome(&store, token, now()).await.expect("an answer").expect("an open link");
    assert_eq!((welcome.org_name.as_str(), welcome.has_account), ("Acme", false));
    let guest = invites::Guest::New { name: "Bob".to_owned(), password_hash: "$x$".to_owned() };
    let bob = invites::accept(&store, &welcome, guest.clone(), now()).await.expect("let in");
    let (_, role) = orgs::membership(&store, bob, "acme").await.expect("an answer").expect("a member");
    assert_eq!(role, Role::Member);
    assert!(matches!(invites::accept(&store, &welcome, guest, now()).await, Err(StoreError::NotFound)));
    assert_eq!(invites::welcome(&store, token, now()).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_link_is_looked_at_while_somebody_else_writes() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let token = SecretHash::of("link");
    let scope = store.org(org.id);
    invites::create(&scope, "bob@example.org", Role::Member, token, deed("invite.create")).await.expect("noted");
    let writer = database.connect().await;
    let begin = if database.is_postgres() { "begin" } else { "begin immediate" };
    writer.execute_unprepared(begin).await.expect("nobody writes");
    let welcome = invites::welcome(&store, token, now()).await.expect("looking is no writing");
    assert_eq!(welcome.expect("an open link").org_name, "Acme");
}

#[tokio::test]
async fn a_key_is_found_by_its_name_until_another_takes_its_place() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let owner = with_owner(&store).await;
    let (org, _) = orgs::membership(&store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    let (key, next) = (ApiKey::new("test"), ApiKey::new("test"));
    let new = keys::NewKey { name: "ci", scopes: &[KeyScope::Ingest], expires_at: None };
    let record = keys::create(&scope, &key, new, deed("key.create")).await.expect("noted");
    let (found, hash) = keys::find(&store, key.id()).await.expect("an answer").expect("the key");
    assert_eq!((found.org_id, hash), (org.id, key.hash()));
    keys::rotate(&scope, record.id, &next, deed("key.rotate")).await.expect("rotated");
    assert!(keys::find(&store, key.id()).await.expect("an answer").is_none());
    keys::revoke(&scope, record.id, deed("key.revoke")).await.expect("revoked");
    let (found, _) = keys::find(&store, next.id()).await.expect("an answer").expect("it stays on record");
    assert!(!found.is_alive(now()));
    let again = keys::rotate(&scope, record.id, &ApiKey::new("test"), deed("key.rotate")).await;
    assert!(again.is_err(), "what is revoked stays so");
}

#[tokio::test]
async fn one_org_sees_nothing_of_another() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let ada = with_owner(&store).await;
    let (person, _) = accounts::with_password(&store, "ada@example.org").await.expect("an answer").expect("an account");
    let other = orgs::create(&store, "other", "Other", &person, now()).await.expect("made");
    let (acme, _) = orgs::membership(&store, ada, "acme").await.expect("an answer").expect("a member");
    let (acme, other) = (store.org(acme.id), store.org(other));
    let new = keys::NewKey { name: "ci", scopes: &[KeyScope::Read], expires_at: None };
    let key = keys::create(&acme, &ApiKey::new("test"), new, deed("key.create")).await.expect("noted");
    assert!(keys::page(&other, None, 9).await.expect("an answer").is_empty());
    assert!(matches!(keys::get(&other, key.id).await, Err(StoreError::NotFound)));
    assert!(matches!(keys::revoke(&other, key.id, deed("key.revoke")).await, Err(StoreError::NotFound)));
    assert!(keys::get(&acme, key.id).await.expect("still there").is_alive(now()));
    let refused = Deed { outcome: Outcome::Refused, ..deed("access") };
    audit::record(&acme, refused.clone()).await.expect("noted");
    assert_eq!(audit::page(&acme, None, 10).await.expect("an answer")[0].deed, refused);
    let theirs = audit::page(&other, None, 10).await.expect("an answer");
    assert!(theirs.iter().all(|entry| entry.deed.action == "org.create"), "{theirs:?}");
}
