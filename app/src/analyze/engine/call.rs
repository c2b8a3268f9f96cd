//! One worker: started with a compiled module, asked by calls with an id, ended when it is no longer needed.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, WorkerOptions, WorkerType};

use super::verb::Verb;

/// Seconds without a sign of life after which a worker with an open call is taken to hang.
const PATIENCE_SECONDS: i32 = 90;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The engine refused an input or a setting and says how to fix it.
    Refused,
    /// The user ended it.
    Cancelled,
    /// The worker ran out of memory.
    OutOfMemory,
    /// The worker gave no sign of life.
    Hung,
    /// A bug, of ours or of the browser.
    Broken,
}

impl FailureKind {
    /// The kind that a worker names by this word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "refused" => Some(Self::Refused),
            "out_of_memory" => Some(Self::OutOfMemory),
            "broken" => Some(Self::Broken),
            _ => None,
        }
    }
}

/// Why there is no answer, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What happened and what to do.
    pub message: String,
}

impl Failure {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message)
    }

    pub(super) fn broken(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Broken, message)
    }

    pub(super) fn cancelled() -> Self {
        Self::new(FailureKind::Cancelled, "the comparison was ended before it finished")
    }

    fn of(error: &JsValue) -> Self {
        let text = |key: &str| Reflect::get(error, &key.into()).ok().and_then(|value| value.as_string());
        let kind = text("kind").and_then(|word| FailureKind::from_word(&word)).unwrap_or(FailureKind::Broken);
        Self::new(kind, text("message").unwrap_or_default())
    }
}

/// What a worker is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    TextReader,
    ParquetReader,
    Session,
}

impl Part {
    fn script(self) -> &'static str {
        match self {
            Self::TextReader => "text-worker.js",
            Self::ParquetReader => "parquet-worker.js",
            Self::Session => "session-worker.js",
        }
    }

    fn module(self) -> &'static str {
        match self {
            Self::TextReader => "reader_bg.wasm",
            Self::ParquetReader => "reader_parquet_bg.wasm",
            Self::Session => "session_bg.wasm",
        }
    }
}

type Answer = Result<JsValue, Failure>;

/// A call that waits for its answer.
struct Open {
    answer: oneshot::Sender<Answer>,
    tell: Option<Box<dyn Fn(JsValue)>>,
}

/// A running worker. Clones are the same worker.
#[derive(Clone)]
pub(super) struct Worker(Rc<Running>);

struct Running {
    worker: web_sys::Worker,
    open: Rc<RefCell<HashMap<u32, Open>>>,
    next_id: Cell<u32>,
    heard_at: Rc<Cell<f64>>,
    watch: Cell<Option<i32>>,
    /// Kept alive as long as the worker may call them.
    closures: RefCell<Vec<JsValue>>,
}

impl Worker {
    /// Starts workers and hands them their module.
    pub async fn start(part: Part, n: usize) -> Result<Vec<Self>, Failure> {
        let folder = engine_folder()?;
        let workers = (0..n).map(|_| Self::create(part, &folder)).collect::<Result<Vec<_>, _>>()?;
        let module = compiled(&format!("{folder}/{}", part.module())).await?;
        // All are asked before any is waited for.
        let asked: Vec<_> =
            workers.iter().map(|worker| worker.send(Verb::Start, &module, None, &Array::new())).collect();
        for answer in asked {
            answer.await?;
        }
        Ok(workers)
    }

    /// [`Worker::start`] for one.
    pub async fn start_one(part: Part) -> Result<Self, Failure> {
        Self::start(part, 1)
            .await?
            .pop()
            .ok_or_else(|| Failure::broken("the browser started no worker: reload the page"))
    }

    fn create(part: Part, folder: &str) -> Result<Self, Failure> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let script = format!("{folder}/{}", part.script());
        let worker = web_sys::Worker::new_with_options(&script, &options)
            .map_err(|_| Failure::broken("the browser started no worker: reload the page"))?;
        let worker = Self(Rc::new(Running {
            worker,
            open: Rc::default(),
            next_id: Cell::new(0),
            heard_at: Rc::new(Cell::new(js_sys::Date::now())),
            watch: Cell::new(None),
            closures: RefCell::default(),
        }));
        worker.listen();
        Ok(worker)
    }

    fn listen(&self) {
        let (open, heard_at) = (self.0.open.clone(), self.0.heard_at.clone());
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            heard_at.set(js_sys::Date::now());
            hear(&open, &event.data());
        });
        let open = self.0.open.clone();
        let on_error = Closure::<dyn Fn(web_sys::ErrorEvent)>::new(move |event: web_sys::ErrorEvent| {
            let failure = Failure::broken(format!("the worker ended: {}", event.message()));
            fail_all(&open, &failure);
        });
        self.0.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        self.0.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let running = Rc::downgrade(&self.0);
        let on_watch = Closure::<dyn Fn()>::new(move || {
            let Some(running) = running.upgrade() else { return };
            let silent_ms = js_sys::Date::now() - running.heard_at.get();
            if !running.open.borrow().is_empty() && silent_ms > f64::from(PATIENCE_SECONDS) * 1000.0 {
                let words = format!("no sign of life for {PATIENCE_SECONDS} seconds");
                fail_all(&running.open, &Failure::new(FailureKind::Hung, words));
                running.end();
            }
        });
        let timer = web_sys::window().and_then(|window| {
            let call = on_watch.as_ref().unchecked_ref();
            window.set_interval_with_callback_and_timeout_and_arguments_0(call, 5_000).ok()
        });
        self.0.watch.set(timer);
        *self.0.closures.borrow_mut() =
            vec![on_message.into_js_value(), on_error.into_js_value(), on_watch.into_js_value()];
    }

    /// Calls and waits for the answer.
    pub async fn call(&self, verb: Verb, argument: &JsValue) -> Answer {
        self.send(verb, argument, None, &Array::new()).await
    }

    /// [`Worker::call`], told of progress.
    pub async fn call_telling(&self, verb: Verb, argument: &JsValue, tell: impl Fn(JsValue) + 'static) -> Answer {
        self.send(verb, argument, Some(Box::new(tell)), &Array::new()).await
    }

    /// Hands over the worker's ends of channels to other workers, which move to it.
    pub async fn connect(&self, ports: &JsValue) -> Answer {
        let all = Reflect::get(ports, &"all".into()).ok().and_then(|all| all.dyn_into().ok());
        self.send(Verb::Connect, ports, None, &all.unwrap_or_default()).await
    }

    /// Asks at once; what it gives waits for the answer.
    fn send(
        &self,
        verb: Verb,
        argument: &JsValue,
        tell: Option<Box<dyn Fn(JsValue)>>,
        moved: &Array,
    ) -> impl Future<Output = Answer> + use<> {
        let id = self.0.next_id.get();
        self.0.next_id.set(id + 1);
        let (answer, answered) = oneshot::channel();
        self.0.heard_at.set(js_sys::Date::now());
        self.0.open.borrow_mut().insert(id, Open { answer, tell });
        let message = object(&[("id", id.into()), ("name", verb.as_str().into()), ("argument", argument.clone())]);
        if self.0.worker.post_message_with_transfer(&message, moved).is_err()
            && let Some(call) = self.0.open.borrow_mut().remove(&id)
        {
            drop(call.answer.send(Err(Failure::broken("the browser refused a message to a worker"))));
        }
        async { answered.await.unwrap_or_else(|_| Err(Failure::cancelled())) }
    }

    /// Ends the worker at once; calls that wait are told that they were cancelled.
    pub fn end(&self) {
        self.0.end();
    }
}

impl Running {
    fn end(&self) {
        self.worker.terminate();
        if let (Some(timer), Some(window)) = (self.watch.take(), web_sys::window()) {
            window.clear_interval_with_handle(timer);
        }
        // Dropping the sender answers the call.
        self.open.borrow_mut().clear();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Takes a message `{id, progress}`, `{id, value}` or `{id, error}`.
fn hear(open: &RefCell<HashMap<u32, Open>>, message: &JsValue) {
    let get = |key: &str| Reflect::get(message, &key.into()).unwrap_or(JsValue::UNDEFINED);
    let Some(id) = get("id").as_f64().map(|id| id as u32) else { return };
    let progress = get("progress");
    if !progress.is_undefined() {
        if let Some(tell) = open.borrow().get(&id).and_then(|call| call.tell.as_ref()) {
            tell(progress);
        }
        return;
    }
    let Some(call) = open.borrow_mut().remove(&id) else { return };
    let error = get("error");
    let answer = if error.is_undefined() { Ok(get("value")) } else { Err(Failure::of(&error)) };
    // Nobody waits any more when the page has moved on.
    drop(call.answer.send(answer));
}

fn fail_all(open: &RefCell<HashMap<u32, Open>>, failure: &Failure) {
    let calls: Vec<Open> = open.borrow_mut().drain().map(|(_, call)| call).collect();
    calls.into_iter().for_each(|call| drop(call.answer.send(Err(failure.clone()))));
}

/// Where the engine's files are served, as the document says in `<meta name="engine">`.
fn engine_folder() -> Result<String, Failure> {
    let document = web_sys::window().and_then(|window| window.document());
    let meta = document.and_then(|document| document.query_selector("meta[name=engine]").ok().flatten());
    meta.and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| Failure::broken("the page does not say where the engine is: reload it"))
}

thread_local! {
    /// Modules that were compiled, or are being, by their address: all workers of a kind share one, and what the
    /// browser has made faster in it.
    static COMPILED: RefCell<HashMap<String, Promise>> = RefCell::default();
}

/// A module, fetched and compiled once.
async fn compiled(url: &str) -> Result<JsValue, Failure> {
    let window = web_sys::window().ok_or_else(|| Failure::broken("no window"))?;
    let compile = || js_sys::WebAssembly::compile_streaming(&window.fetch_with_str(url));
    let promise = COMPILED.with_borrow_mut(|all| all.entry(url.to_owned()).or_insert_with(compile).clone());
    JsFuture::from(promise).await.map_err(|_| {
        // The next call tries again.
        COMPILED.with_borrow_mut(|all| all.remove(url));
        Failure::broken("the engine could not be loaded: is there a network?")
    })
}

/// A JavaScript object of these fields.
pub(super) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (key, value) in fields {
        // Setting a field of a new object cannot fail.
        Reflect::set(&object, &(*key).into(), value).unwrap_or_default();
    }
    object.into()
}
