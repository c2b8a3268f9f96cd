//! Small batches that are written together.

use drift::{profile::Profile, read::InputFormat};
use driftsiren_server::{
    ingest::{self, Reading, Seen, Slotting},
    store::{
        OrgScope, Store, accounts,
        audit::{Deed, Outcome},
        batches::{self, BatchWriter, Content, NewBatch, Written},
        datasets::{self, Dataset, NewDataset},
        orgs,
    },
};
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::database::TestDatabase;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

async fn with_dataset(store: &Store) -> (OrgScope, Dataset) {
    let account = accounts::NewAccount {
        email: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        password_hash: "$argon2id$".to_owned(),
    };
    let owner = accounts::set_up(store, account, "acme", "Acme", now()).await.expect("an empty database");
    let (org, _) = orgs::membership(store, owner, "acme").await.expect("an answer").expect("a member");
    let scope = store.org(org.id);
    let (name, time_zone) = ("loans".to_owned(), "UTC".to_owned());
    let new = NewDataset { name, time_column: None, slot_seconds: 3600, time_zone, retention_days: 90 };
    let deed = Deed {
        at: now(),
        actor: "test".to_owned(),
        actor_name: "test".to_owned(),
        action: "dataset.create".to_owned(),
        target: "loans".to_owned(),
        outcome: Outcome::Done,
    };
    let dataset = datasets::create(&scope, new, deed).await.expect("made");
    (scope, dataset)
}

fn batch(org: &OrgScope, dataset: &Dataset, key: Option<&str>, rows: &str) -> NewBatch {
    let mut options = ingest::options(&dataset.name);
    options.format = Some(InputFormat::Ndjson);
    let mut reading = Reading::new(options, None, Slotting::of(dataset, now(), None)).expect("sound options");
    reading.push(rows.as_bytes()).expect("readable");
    let (slotted, _) = reading.finish().expect("readable");
    ingest::batch(org.id(), dataset, key.map(str::to_owned), slotted, Seen::default(), now())
}

async fn files(org: &OrgScope, dataset: &Dataset) -> Vec<Profile> {
    let hours = SignedDuration::from_hours(2);
    let files = batches::slot_profiles(org, dataset.id, now() - hours, now() + hours).await.expect("an answer");
    files.iter().map(|file| Profile::decode(file).expect("a sound file")).collect()
}

#[tokio::test]
async fn small_batches_that_come_at_once_share_a_profile_and_repeated_ones_are_not_in_it() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let (org, dataset) = with_dataset(&store).await;
    let (writer, writing) = BatchWriter::start(store.clone(), CancellationToken::new());
    let row = |n: usize| format!("{{\"x\":{n},\"label\":\"l{}\"}}", n % 3);
    // All are handed over before the task that writes them first runs.
    let keys = [None, Some("one"), None, Some("two"), Some("one"), Some("two"), None, None];
    let sent = keys.iter().enumerate().map(|(n, key)| match n {
        4 => batch(&org, &dataset, *key, &row(1)),
        5 => batch(&org, &dataset, *key, "{\"x\":999}"),
        n => batch(&org, &dataset, *key, &row(n)),
    });
    let sent: Vec<NewBatch> = sent.collect();
    let receipt = sent[1].receipt.clone();
    let all = futures_util::future::join_all(sent.into_iter().map(|batch| writer.write(batch))).await;
    let all: Vec<Written> = all.into_iter().map(|written| written.expect("written")).collect();
    let expected = |n: usize| match n {
        4 => Written::Repeated { receipt: receipt.clone() },
        5 => Written::OtherBody,
        _ => Written::Kept,
    };
    assert_eq!(all, (0..keys.len()).map(expected).collect::<Vec<_>>());
    assert_eq!(batches::page(&org, dataset.id, None, 100).await.expect("an answer").len(), 6);

    let kept = files(&org, &dataset).await;
    assert_eq!(kept.len(), 1, "one profile of all that came together");
    let rows: Vec<String> = [0, 1, 2, 3, 6, 7].into_iter().map(row).collect();
    let alone = drift::read::profile_bytes("loans", rows.join("\n").as_bytes(), &ingest::options("loans"));
    assert_eq!(kept[0].hash(), alone.expect("readable").hash());

    let later = batch(&org, &dataset, None, &row(8));
    assert_eq!(writer.write(later).await.expect("written"), Written::Kept);
    let kept = files(&org, &dataset).await;
    assert_eq!(kept.iter().map(|profile| profile.n_rows).collect::<Vec<_>>(), [6, 1]);
    let merged = kept[0].clone().merge(&kept[1]).expect("profiles of one dataset can be merged");
    assert_eq!(merged.n_rows, 7);
    drop(writer);
    writing.await.expect("the task ends when nobody writes");
}

#[tokio::test]
async fn batches_that_pass_a_limit_together_have_profiles_of_their_own() {
    let database = TestDatabase::new().await;
    let store = database.open().await;
    let (org, dataset) = with_dataset(&store).await;
    let (writer, _writing) = BatchWriter::start(store.clone(), CancellationToken::new());
    let wide = |name: &str| {
        let cells: Vec<String> = (0..1_200).map(|n| format!("\"{name}{n}\":1")).collect();
        batch(&org, &dataset, None, &format!("{{{}}}", cells.join(",")))
    };
    let (one, other) = (wide("a"), wide("b"));
    assert!(matches!((&one.slots[0].content, &other.slots[0].content), (Content::Rows(_), Content::Rows(_))));
    let (one, other) = tokio::join!(writer.write(one), writer.write(other));
    assert_eq!((one.expect("written"), other.expect("written")), (Written::Kept, Written::Kept));
    let n_columns: Vec<usize> = files(&org, &dataset).await.iter().map(|profile| profile.columns.len()).collect();
    assert_eq!(n_columns, [1_200, 1_200]);
}
