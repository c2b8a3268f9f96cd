//! Pages of people, orgs and datasets. The server renders them whole; they work without JavaScript.
//!
//! `address` is the table of pages and of what each asks of the API, `want` those requests with their types. The
//! server asks, and the page is drawn from the answers. One file a page; `kit` holds what they are made of.

mod account;
mod address;
mod audit;
mod data;
mod dataset;
mod datasets;
mod entrance;
mod escape;
mod keys;
mod kit;
mod people;
mod usage;
mod want;

pub use address::{Address, Needs};
pub use data::{Answers, Outcome, PageData};
pub use escape::own_path;
use leptos::prelude::*;
pub use want::{Call, Request};

use crate::components::not_found::NotFound;

/// The page of the console at the address.
#[component]
pub fn ConsolePage() -> impl IntoView {
    match Address::of(&data::page_data().path) {
        Some((address, _)) => draw(address),
        None => view! { <NotFound/> }.into_any(),
    }
}

fn draw(address: Address) -> AnyView {
    use {account::*, audit::*, dataset::*, datasets::*, entrance::*, keys::*, people::*, usage::*};
    match address {
        Address::Setup => view! { <Setup/> }.into_any(),
        Address::Login => view! { <Login/> }.into_any(),
        Address::Join => view! { <Join/> }.into_any(),
        Address::Account => view! { <Account/> }.into_any(),
        Address::Orgs => view! { <Orgs/> }.into_any(),
        Address::Datasets => view! { <Datasets/> }.into_any(),
        Address::Dataset => view! { <Dataset/> }.into_any(),
        Address::People => view! { <People/> }.into_any(),
        Address::Keys => view! { <Keys/> }.into_any(),
        Address::Usage => view! { <Usage/> }.into_any(),
        Address::Audit => view! { <Audit/> }.into_any(),
    }
}
