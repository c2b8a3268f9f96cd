//! The engine as the page sees it: inputs and settings in, a report out. The work is done by workers.
//!
//! Up to eight workers read, two of which lead an input each and share out its blocks; one more puts the blocks in
//! order, compares, judges and draws. Blocks go from reader to session over ports of their own: neither the page nor a
//! reader ever holds an input. Workers have no way to the network: their scripts are served with `connect-src 'none'`,
//! and the page gives them their compiled modules.

mod call;
mod inputs;
mod rehearsal;
mod verb;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, JsString};
use wasm_bindgen::{JsCast, JsValue};

pub use call::{Failure, FailureKind};
use call::{Part, Worker, object};
pub use inputs::Input;
use verb::Verb;

/// Workers that each lead an input.
const N_LEADERS: usize = 2;
/// Most workers that read, however many cores there are.
const MAX_READERS: usize = 8;
/// Bytes of text in one block: fewer blocks than workers need fewer workers.
const BLOCK_BYTES: f64 = (4 << 20) as f64;

/// Which input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What current is compared with.
    Reference,
    /// What may have changed.
    Current,
}

/// Where an input is cut in two.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// After this many rows.
    AtRow(f64),
    /// At a time of a column, spelled as in files.
    AtTime {
        /// The column's name.
        column: String,
        /// The first time of current.
        time: String,
    },
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Which input.
    pub side: Side,
    /// Bytes read, of [`Progress::n_bytes`].
    pub bytes: f64,
    /// Bytes of the input.
    pub n_bytes: f64,
    /// Rows read.
    pub rows: f64,
}

/// The engine. Clones are the same engine.
#[derive(Clone, Default)]
pub struct Engine {
    session: Rc<RefCell<Option<Worker>>>,
    readers: Rc<RefCell<Vec<Worker>>>,
    /// Readers that were started before they were needed.
    spare: Rc<RefCell<Vec<Worker>>>,
    /// Whether anything was started yet.
    is_warm: Rc<Cell<bool>>,
    /// The end of an early start, for the comparison that comes before it.
    warming: Rc<RefCell<Option<oneshot::Receiver<()>>>>,
    /// Counts comparisons, so that one that was cancelled does not go on.
    run: Rc<Cell<u64>>,
    /// Whether a comparison is under way.
    is_comparing: Rc<Cell<bool>>,
}

impl Engine {
    /// Compares two inputs and gives the report as JSON (`driftsiren.report/1`).
    ///
    /// `settings` is JSON: `{"schema", "exact_limit", "format", "policy", "all_metrics", "types"}`, all optional.
    pub async fn compare(
        &self,
        reference: Input,
        current: Input,
        settings: &str,
        on_progress: impl Fn(Progress) + 'static,
    ) -> Result<String, Failure> {
        self.cancel();
        let run = self.run.get();
        self.is_comparing.set(true);
        let outcome = self.compare_inputs(run, [reference, current], settings, Rc::new(on_progress)).await;
        // What there is by now may be another comparison's.
        self.still(run)?;
        self.is_comparing.set(false);
        // Readers hold memory that only their end gives back.
        self.end_readers();
        if outcome.as_ref().is_err_and(|failure| failure.kind != FailureKind::Refused) {
            self.end_session();
        }
        outcome
    }

    async fn compare_inputs(
        &self,
        run: u64,
        inputs: [Input; 2],
        settings: &str,
        on_progress: Rc<dyn Fn(Progress)>,
    ) -> Result<String, Failure> {
        let session = self.read_inputs(run, inputs, settings, on_progress).await?;
        // Their memory is given back before the comparison takes its own.
        self.end_readers();
        text(&session.call(Verb::Compare, &object(&[("settings", settings.into())])).await?)
    }

    /// Reads both inputs; the session that has them.
    async fn read_inputs(
        &self,
        run: u64,
        inputs: [Input; 2],
        settings: &str,
        on_progress: Rc<dyn Fn(Progress)>,
    ) -> Result<Worker, Failure> {
        self.is_warm.set(true);
        if let Some(warming) = self.warming.take() {
            // Nothing is sent when it could not be started: then it is tried again now.
            let _ = warming.await;
        }
        self.still(run)?;
        let (session, readers) = futures::join!(self.session(), self.readers(run, &inputs));
        let (session, readers) = (session?, readers?);
        let names: Array = inputs.iter().map(|input| JsValue::from_str(&input.name)).collect();
        let n_readers = (readers.len() as f64).into();
        let argument = [("names", names.into()), ("settings", settings.into()), ("nReaders", n_readers)];
        let expected = session.call(Verb::Expect, &object(&argument)).await?;
        let part = |of: &str, position: usize| {
            let parts = js_sys::Reflect::get(&expected, &of.into()).unwrap_or_default();
            js_sys::Reflect::get_u32(&parts, position as u32).unwrap_or_default()
        };
        for (position, reader) in readers.iter().enumerate() {
            reader.connect(&part("ports", position)).await?;
        }
        let read = |side: Side, reader| {
            let options = part("options", side as usize);
            self.read(side, &inputs[side as usize], options, reader, on_progress.clone())
        };
        let (a, b) = futures::join!(read(Side::Reference, &readers[0]), read(Side::Current, &readers[1]));
        a.and(b)?;
        Ok(session)
    }

    /// Workers that read: one that leads each input, and helpers where there are cores and blocks for them.
    async fn readers(&self, run: u64, inputs: &[Input; 2]) -> Result<Vec<Worker>, Failure> {
        let (a, b) = futures::join!(inputs[0].needs_large_reader(), inputs[1].needs_large_reader());
        let part = if a? || b? { Part::ParquetReader } else { Part::TextReader };
        let n_blocks = inputs.iter().map(|input| input.blob.size() / BLOCK_BYTES).sum::<f64>() as usize;
        let cores = web_sys::window().map_or(2.0, |window| window.navigator().hardware_concurrency()) as usize;
        let n = N_LEADERS.max(cores.min(MAX_READERS).min(n_blocks));
        self.still(run)?;
        let mut readers = if part == Part::TextReader { self.spare.take() } else { Vec::new() };
        readers.extend(Worker::start(part, n.saturating_sub(readers.len())).await?);
        self.still(run)?;
        self.readers.borrow_mut().extend(readers.iter().cloned());
        Ok(readers)
    }

    /// Starts what a comparison of two text files needs, so that it need not wait for that; once.
    pub async fn warm_up(&self) {
        if self.is_warm.replace(true) {
            return;
        }
        let (done, warming) = oneshot::channel();
        self.warming.replace(Some(warming));
        let (readers, session) = futures::join!(Worker::start(Part::TextReader, N_LEADERS), self.session());
        // What could not be started now is tried again, and told, when it is needed.
        if let (Ok(readers), Ok(_)) = (readers, session) {
            self.spare.replace(readers);
            // Nobody waits, unless files came meanwhile.
            if done.send(()).is_ok() && self.run.get() == 0 {
                self.rehearse().await;
            }
        }
    }

    /// Compares two small tables, so that the browser has compiled well what the first files need. Those end it.
    async fn rehearse(&self) {
        let Ok(inputs) = rehearsal::inputs() else { return };
        let run = self.run.get();
        self.is_comparing.set(true);
        let compare = async {
            let session = self.read_inputs(run, inputs, "{}", Rc::new(drop)).await?;
            let settings = object(&[("settings", "{}".into())]);
            session.call(Verb::Compare, &settings).await?;
            for _ in 0..rehearsal::N_JUDGED {
                self.still(run)?;
                session.call(Verb::Judge, &settings).await?;
            }
            Ok::<(), Failure>(())
        };
        let outcome = compare.await;
        if self.still(run).is_ok() {
            self.is_comparing.set(false);
            if outcome.is_ok() {
                self.spare.replace(self.readers.take());
            } else {
                self.end_readers();
                self.end_session();
            }
        }
    }

    /// Reads one side; its leader passes it on to the session.
    async fn read(
        &self,
        side: Side,
        input: &Input,
        options: JsValue,
        leader: &Worker,
        on_progress: Rc<dyn Fn(Progress)>,
    ) -> Result<(), Failure> {
        let n_bytes = input.blob.size();
        let argument = object(&[
            ("side", f64::from(side as u8).into()),
            ("name", input.name.as_str().into()),
            ("blob", input.blob.clone().into()),
            ("options", options),
        ]);
        let tell = move |told: JsValue| {
            let number = |key: &str| js_sys::Reflect::get(&told, &key.into()).ok().and_then(|value| value.as_f64());
            let (bytes, rows) = (number("bytes").unwrap_or(0.0), number("rows").unwrap_or(0.0));
            on_progress(Progress { side, bytes, n_bytes, rows });
        };
        leader.call_telling(Verb::Read, &argument, tell).await.map(drop)
    }

    /// What one needs to know of a text input to cut it in two: its rows, and its columns of times; JSON.
    pub async fn survey(&self, input: &Input) -> Result<String, Failure> {
        text(&self.ask_splitter(Verb::Survey, input, &[]).await?)
    }

    /// A text input cut in two: at a row, or at a time of a column.
    pub async fn split(&self, input: &Input, cut: &Cut) -> Result<[Input; 2], Failure> {
        let (fields, words) = match cut {
            Cut::AtRow(n) => (vec![("at", (*n).into())], ["first rows".to_owned(), "other rows".to_owned()]),
            Cut::AtTime { column, time } => (
                vec![("column", column.as_str().into()), ("at", time.as_str().into())],
                [format!("before {time}"), format!("from {time}")],
            ),
        };
        let halves = self.ask_splitter(Verb::Split, input, &fields).await?;
        let half = |at: u32| {
            let blob = js_sys::Reflect::get_u32(&halves, at).ok().and_then(|half| half.dyn_into().ok());
            let name = format!("{}, {}", input.name, words[at as usize]);
            blob.map(|blob| Input { name, blob }).ok_or_else(|| Failure::broken("the worker gave no halves"))
        };
        Ok([half(0)?, half(1)?])
    }

    async fn ask_splitter(&self, verb: Verb, input: &Input, fields: &[(&str, JsValue)]) -> Result<JsValue, Failure> {
        self.cancel();
        let splitter = Worker::start_one(Part::ParquetReader).await?;
        self.readers.borrow_mut().push(splitter.clone());
        let file = [("name", input.name.as_str().into()), ("blob", input.blob.clone().into())];
        let answer = splitter.call_telling(verb, &object(&[&file, fields].concat()), |_| ()).await;
        self.end_readers();
        answer
    }

    /// The same inputs under other settings; nothing is read again.
    pub async fn judge(&self, settings: &str) -> Result<String, Failure> {
        self.ask(Verb::Judge, &[("settings", settings.into())]).await
    }

    /// A saved report, to be shown and exported.
    pub async fn load(&self, report: &str) -> Result<String, Failure> {
        self.cancel();
        self.ask(Verb::Load, &[("json", report.into())]).await
    }

    /// The report as `html`, `json`, `csv` or `markdown`.
    pub async fn render(&self, format: &str) -> Result<String, Failure> {
        self.ask(Verb::Render, &[("format", format.into())]).await
    }

    /// What stands in the open row of the column at `position` of the report: figures, charts, tables, metrics; HTML.
    pub async fn panel(&self, position: usize) -> Result<String, Failure> {
        self.ask(Verb::Panel, &[("position", (position as f64).into())]).await
    }

    /// The small chart of the column at `position` of the report, HTML.
    pub async fn mini(&self, position: usize) -> Result<String, Failure> {
        self.ask(Verb::Mini, &[("position", (position as f64).into())]).await
    }

    /// Ends what is under way, at once. A session that compares ends too, or it would go on, and keep what has come;
    /// one that has a report stays.
    pub fn cancel(&self) {
        self.run.set(self.run.get() + 1);
        self.end_readers();
        if self.is_comparing.replace(false) {
            self.end_session();
        }
    }

    /// Refuses to go on with a comparison that was cancelled.
    fn still(&self, run: u64) -> Result<(), Failure> {
        if run == self.run.get() { Ok(()) } else { Err(Failure::cancelled()) }
    }

    async fn ask(&self, verb: Verb, argument: &[(&str, JsValue)]) -> Result<String, Failure> {
        let session = self.session().await?;
        let answer = session.call(verb, &object(argument)).await;
        if answer.as_ref().is_err_and(|failure| failure.kind != FailureKind::Refused) {
            self.end_session();
        }
        text(&answer?)
    }

    async fn session(&self) -> Result<Worker, Failure> {
        if let Some(session) = &*self.session.borrow() {
            return Ok(session.clone());
        }
        let session = Worker::start_one(Part::Session).await?;
        // Another call may have started one meanwhile; there is only one.
        Ok(self.session.borrow_mut().get_or_insert(session).clone())
    }

    fn end_readers(&self) {
        self.readers.borrow_mut().drain(..).for_each(|reader| reader.end());
    }

    fn end_session(&self) {
        self.session.borrow_mut().take().into_iter().for_each(|session| session.end());
    }
}

fn text(value: &JsValue) -> Result<String, Failure> {
    value.dyn_ref::<JsString>().map(String::from).ok_or_else(|| Failure::broken("the worker gave no text"))
}
