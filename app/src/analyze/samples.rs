//! Two real pairs, kept with the page.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

use super::session::Session;
use crate::{
    analyze::engine::{Input, Side},
    components::mark::Mark,
};

/// A pair: what it is called, and its two files below `samples/`.
const SAMPLES: [(&str, [&str; 2]); 2] = [
    ("Try flights, January and July", ["flights-2013-01.csv.gz", "flights-2013-07.csv.gz"]),
    ("Try penguins", ["penguins-2007.csv", "penguins-2009.csv"]),
];

#[component]
pub fn Samples(session: Session) -> impl IntoView {
    SAMPLES
        .map(|(title, files)| {
            let try_it = move |_| {
                spawn_local(async move {
                    let both = futures::join!(sample(files[0]), sample(files[1]));
                    match both {
                        (Some(reference), Some(current)) => {
                            session.reference.set(Some(send_wrapper::SendWrapper::new(reference)));
                            session.put(Side::Current, current);
                        }
                        _ => {
                            session.say("The sample could not be loaded. Check your network; your own files need none.")
                        }
                    }
                });
            };
            view! {
                <button class="button" type="button" on:click=try_it>
                    <Mark size=16/>
                    {title}
                </button>
            }
        })
        .collect_view()
}

/// A file of the site as an input.
async fn sample(name: &'static str) -> Option<Input> {
    let folder = document().query_selector("meta[name=engine]").ok().flatten()?.get_attribute("content")?;
    let response = JsFuture::from(window().fetch_with_str(&format!("{folder}/samples/{name}"))).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let blob = JsFuture::from(response.blob().ok()?).await.ok()?;
    Some(Input { name: name.to_owned(), blob: blob.dyn_into::<Blob>().ok()? })
}
