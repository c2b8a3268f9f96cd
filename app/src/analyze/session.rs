//! What the page holds between a drop and the next: two inputs, settings, the report, and what may be done with them.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc, time::Duration};

use drift::report::ReportView;
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use web_sys::File;

use crate::analyze::{
    engine::{Engine, Failure, FailureKind, Input, Progress, Side},
    settings::Settings,
};

thread_local! {
    /// The engine of this tab; nothing is started before the first call.
    static ENGINE: Engine = Engine::default();
    /// Columns that the engine was told to see as another type.
    static SEEN: RefCell<BTreeSet<String>> = RefCell::default();
}

/// How long the page stands before it starts the engine on its own: it is painted and answers first.
const WARM_UP_AFTER: Duration = Duration::from_millis(300);

/// Starts the engine when the page has stood for a while, so that the first drop need not wait for it.
pub fn warm_up_later() {
    set_timeout(|| request_idle_callback(warm_up), WARM_UP_AFTER);
}

/// Starts the engine, unless it was.
pub fn warm_up() {
    spawn_local(async { engine().warm_up().await });
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Waiting for files.
    Choosing,
    /// Comparing, since this time of the page's clock, in milliseconds.
    Working { since: f64 },
    /// A report.
    Shown,
    /// No report, and why.
    Failed(Failure),
}

/// Where the shown report comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Compared in this tab; it can be judged again.
    Compared,
    /// A saved file.
    Saved,
    /// A shared link, which holds a part of the report.
    Shared,
}

/// How far one side is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    pub bytes: f64,
    pub n_bytes: f64,
    pub rows: f64,
}

impl Reading {
    pub fn is_read(self) -> bool {
        self.n_bytes > 0.0 && self.bytes >= self.n_bytes
    }
}

/// One line about what has just happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    pub words: String,
    /// Whether eyes find it elsewhere, so that no toast is needed.
    pub is_only_spoken: bool,
}

type Slot = Option<SendWrapper<Input>>;

/// The state of the page; every copy is the same.
#[derive(Clone, Copy)]
pub struct Session {
    pub reference: RwSignal<Slot>,
    pub current: RwSignal<Slot>,
    pub phase: RwSignal<Phase>,
    pub origin: RwSignal<Origin>,
    /// What reading the reference and current have come to.
    pub readings: RwSignal<[Reading; 2]>,
    pub settings: RwSignal<Settings>,
    pub report: RwSignal<Option<Arc<ReportView>>>,
    /// Seconds that the comparison took.
    pub took: RwSignal<Option<f64>>,
    /// What a screen reader should say.
    pub notice: RwSignal<Notice>,
    judging: StoredValue<Judging>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Judging {
    #[default]
    Idle,
    /// One call is under way.
    Busy,
    /// And the settings have changed since.
    Stale,
}

impl Session {
    /// A page that nothing was dropped on yet.
    pub fn new() -> Self {
        Self {
            reference: RwSignal::new(None),
            current: RwSignal::new(None),
            phase: RwSignal::new(Phase::Choosing),
            origin: RwSignal::new(Origin::Compared),
            readings: RwSignal::default(),
            settings: RwSignal::default(),
            report: RwSignal::new(None),
            took: RwSignal::new(None),
            notice: RwSignal::default(),
            judging: StoredValue::new(Judging::Idle),
        }
    }

    pub fn slot(self, side: Side) -> RwSignal<Slot> {
        match side {
            Side::Reference => self.reference,
            Side::Current => self.current,
        }
    }

    /// Puts an input into a slot, and compares when both are full.
    pub fn put(self, side: Side, input: Input) {
        self.slot(side).set(Some(SendWrapper::new(input)));
        self.compare_if_ready();
    }

    /// Takes files that were dropped or chosen together: two are told apart by their names and dates.
    pub fn take(self, files: Vec<File>, on: Option<Side>) {
        match files.as_slice() {
            [] => {}
            [file] => {
                let side = on.unwrap_or(if self.reference.read_untracked().is_none() {
                    Side::Reference
                } else {
                    Side::Current
                });
                if is_report(file) {
                    self.open_file(file.clone());
                } else {
                    self.put(side, input(file));
                }
            }
            [first, second] => {
                let (reference, current) = if is_older(second, first) { (second, first) } else { (first, second) };
                self.reference.set(Some(SendWrapper::new(input(reference))));
                self.put(Side::Current, input(current));
            }
            more => self.say(format!("{} files were dropped; two are compared at a time.", more.len())),
        }
    }

    /// Changes the sides; a finished comparison is made again.
    pub fn swap(self) {
        let (reference, current) = (self.reference.get_untracked(), self.current.get_untracked());
        self.reference.set(current);
        self.current.set(reference);
        self.compare_if_ready();
    }

    /// Empties a slot.
    pub fn clear(self, side: Side) {
        self.slot(side).set(None);
    }

    /// Back to two empty slots.
    pub fn start_over(self) {
        self.cancel();
        self.reference.set(None);
        self.current.set(None);
        self.report.set(None);
        self.settings.set(Settings::default());
        self.phase.set(Phase::Choosing);
        forget_address();
    }

    fn compare_if_ready(self) {
        if self.reference.read_untracked().is_some() && self.current.read_untracked().is_some() {
            self.compare();
        }
    }

    /// Reads and compares both inputs.
    pub fn compare(self) {
        let sides = (self.reference.get_untracked(), self.current.get_untracked());
        let (Some(reference), Some(current)) = sides else { return };
        let (reference, current) = (reference.take(), current.take());
        let since = now();
        self.report.set(None);
        self.settings.update(|settings| settings.types.clear());
        SEEN.with_borrow_mut(BTreeSet::clear);
        self.readings
            .set([&reference, &current].map(|input| Reading { n_bytes: input.blob.size(), ..Reading::default() }));
        self.phase.set(Phase::Working { since });
        let settings = self.settings.get_untracked().for_engine(&[]);
        let tell = move |told: Progress| {
            self.readings.update(|readings| {
                let side = usize::from(told.side == Side::Current);
                readings[side] = Reading { bytes: told.bytes, n_bytes: told.n_bytes, rows: told.rows };
            });
        };
        spawn_local(async move {
            let outcome = engine().compare(reference, current, &settings, tell).await;
            // Another comparison, or none, is what the page shows by now.
            if self.phase.get_untracked() != (Phase::Working { since }) {
                return;
            }
            match outcome {
                Ok(json) => {
                    self.took.set(Some((now() - since) / 1000.0));
                    self.show(&json, Origin::Compared);
                }
                Err(failure) if failure.kind == FailureKind::Cancelled => self.phase.set(Phase::Choosing),
                Err(failure) => self.phase.set(Phase::Failed(failure)),
            }
        });
    }

    /// Ends what is under way, at once.
    pub fn cancel(self) {
        engine().cancel();
        if matches!(self.phase.get_untracked(), Phase::Working { .. }) {
            self.phase.set(Phase::Choosing);
            self.say("The comparison was cancelled.");
        }
    }

    fn show(self, json: &str, origin: Origin) {
        match ReportView::parse(json) {
            Ok(report) => {
                self.notice.set(Notice { words: report.sentence.clone(), is_only_spoken: true });
                self.report.set(Some(Arc::new(report)));
                self.origin.set(origin);
                self.phase.set(Phase::Shown);
            }
            Err(message) => self.phase.set(Phase::Failed(Failure { kind: FailureKind::Broken, message })),
        }
    }

    /// Changes settings and judges again; while the engine is busy, only the last change counts.
    pub fn change(self, change: impl FnOnce(&mut Settings)) {
        self.settings.update(change);
        if self.judging.get_value() != Judging::Idle {
            self.judging.set_value(Judging::Stale);
            return;
        }
        self.judging.set_value(Judging::Busy);
        spawn_local(async move {
            loop {
                self.judging.set_value(Judging::Busy);
                self.judge_once().await;
                if self.judging.get_value() != Judging::Stale {
                    break;
                }
            }
            self.judging.set_value(Judging::Idle);
        });
    }

    async fn judge_once(self) {
        let settings = self.settings.get_untracked();
        let seen: Vec<String> = SEEN.with_borrow(|seen| seen.iter().cloned().collect());
        SEEN.with_borrow_mut(|seen| seen.extend(settings.types.keys().cloned()));
        match engine().judge(&settings.for_engine(&seen)).await.map(|json| ReportView::parse(&json)) {
            Ok(Ok(report)) => self.report.set(Some(Arc::new(report))),
            Ok(Err(message)) => self.say(message),
            Err(failure) if failure.kind == FailureKind::Cancelled => {}
            Err(failure) => self.say(failure.message),
        }
    }

    /// Shows a report that was saved.
    pub fn open_file(self, file: File) {
        spawn_local(async move {
            match text_of(&file).await {
                Ok(json) => self.open(json, Origin::Saved).await,
                Err(()) => self.say(format!("`{}` cannot be read any more; choose it again.", file.name())),
            }
        });
    }

    /// Shows a report from its JSON.
    pub async fn open(self, json: String, origin: Origin) {
        match engine().load(&json).await {
            Ok(json) => {
                self.took.set(None);
                self.reference.set(None);
                self.current.set(None);
                self.settings.set(Settings::default());
                self.show(&json, origin);
                if let Some(report) = self.report.get_untracked() {
                    self.settings.update(|settings| {
                        settings.preset = report.policy.preset;
                        settings.floor = report.policy.floor;
                    });
                }
            }
            Err(failure) => self.phase.set(Phase::Failed(Failure {
                message: format!("This is not a report of DriftSiren that this version can read. {}", failure.message),
                ..failure
            })),
        }
    }

    /// Says something to everyone, screen readers included.
    pub fn say(self, words: impl Into<String>) {
        self.notice.set(Notice { words: words.into(), is_only_spoken: false });
    }
}

/// The engine of this tab.
pub fn engine() -> Engine {
    ENGINE.with(Clone::clone)
}

/// A file as an input.
pub fn input(file: &File) -> Input {
    Input { name: file.name(), blob: file.clone().into() }
}

/// The text of a file.
pub async fn text_of(file: &File) -> Result<String, ()> {
    let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.map_err(|_| ())?;
    text.as_string().ok_or(())
}

/// Milliseconds of the page's clock.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Whether the name is that of a report, as this page and the command line save it.
fn is_report(file: &File) -> bool {
    let name = file.name();
    name.ends_with(".driftsiren.json") || name.ends_with("report.json")
}

/// Whether `a` comes before `b`: by a date or a number in their names, else by when they were changed.
fn is_older(a: &File, b: &File) -> bool {
    match super::order::by_name(&a.name(), &b.name()) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => a.last_modified() < b.last_modified(),
    }
}

/// Takes what belongs to a report out of the address.
fn forget_address() {
    let history = window().history();
    let path = window().location().pathname().unwrap_or_else(|_| "/".to_owned());
    // An address that the browser refuses stays as it was.
    let _ = history.map(|history| history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&path)));
}
