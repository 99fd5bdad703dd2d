//! What stands around the matter of every page: masthead and colophon; and what the rules demand.
//!
//! The first two are alike on all pages that lie under the same entry of the menu and equally deep, so they are rendered once
//! for those and not once for each. The demands, which dossiers name by the hundred, are alike wherever they lie equally deep:
//! templates get `demands`, HTML that the component `demand` makes of each, in the order of the rulebook.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tera::{Context, Tera, TeraResult, Value};

use super::Menu;
use super::pieces::by_component;
use crate::publish::view::Demand;

/// The templates, by the names under which pages print them.
const PARTS: [(&str, &str); 2] = [("masthead", "masthead.html"), ("colophon", "colophon.html")];

/// The entry of the menu, the way to the root of the site, and the page if an entry leads to it.
type Key = (String, String, String);

/// The component that says what a rule demands.
pub const DEMAND: &str = "demand";

/// What was rendered so far.
#[derive(Debug)]
pub struct Around {
    menu: Menu,
    demands: Vec<Demand>,
    made: Mutex<BTreeMap<Key, [Value; PARTS.len()]>>,
    /// The demands, by the way to the root of the site.
    demanded: Mutex<BTreeMap<String, Value>>,
}

impl Around {
    /// Around pages with that menu, where the rules demand that.
    pub fn of(menu: &Menu, demands: &[Demand]) -> Self {
        Self { menu: menu.clone(), demands: demands.to_vec(), made: Mutex::default(), demanded: Mutex::default() }
    }

    fn demanded(&self, tera: &Tera, around: &Context, root: &str) -> TeraResult<Value> {
        if let Some(made) = self.demanded.lock().unwrap_or_else(PoisonError::into_inner).get(root) {
            return Ok(made.clone());
        }
        let one = |demand: &Demand| by_component(tera, DEMAND, demand, around).map(|html| Value::safe_string(&html));
        let made = Value::from(self.demands.iter().map(one).collect::<TeraResult<Vec<Value>>>()?);
        self.demanded.lock().unwrap_or_else(PoisonError::into_inner).insert(root.to_owned(), made.clone());
        Ok(made)
    }

    /// What a page gets besides its own address and view.
    ///
    /// # Errors
    /// A template that fails. It is tried again for every page, so that it is known how many it keeps from being made.
    pub fn context(&self, tera: &Tera, url: &str, here: &str, root: &str) -> TeraResult<Context> {
        let mut context = Context::new();
        context.insert_value("here", Value::normal_string(here));
        context.insert_value("root", Value::normal_string(root));
        context.insert_value("demands", self.demanded(tera, &context, root)?);
        let url = if self.menu.leads_to(url) { url } else { "" };
        let key = (here.to_owned(), root.to_owned(), url.to_owned());
        let known = self.made.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let made = match known {
            Some(made) => made,
            None => {
                context.insert_value("url", Value::normal_string(url));
                let one = |(_, template): (&str, &str)| tera.render(template, &context).map(|html| Value::safe_string(&html));
                let [masthead, colophon] = PARTS.map(one);
                let made = [masthead?, colophon?];
                self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
                made
            }
        };
        for ((name, _), value) in PARTS.iter().zip(made) {
            context.insert_value(*name, value);
        }
        Ok(context)
    }
}
