//! Readings: what is made of a sentence of the procedure that can be understood in several ways.
//!
//! ```yaml
//! - id: Q12
//!   articles: ['31.3']
//!   question: “10 个工作日内约见”从何起算
//!   options:
//!     首次面谈结束日: 自首次咨询面谈结束日
//!     批准日: 自开案获批之日
//!   chosen: 首次面谈结束日
//! ```
//!
//! A rule may stand `under: { Q12: 批准日 }`; it is in force only where that option is chosen.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::say;
use crate::source::{Place, SharedSource, Span};
use crate::yaml::de::{self, Spanned, nearest};
use crate::yaml::{self, Node};

/// One question and its answer.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its id.
    pub id: Spanned<String>,
    /// The articles that it interprets.
    pub articles: Vec<Spanned<String>>,
    /// What the source leaves open.
    pub question: String,
    /// The possible answers with what each means, in the order written.
    pub options: Vec<(String, String)>,
    /// The answer in force.
    pub chosen: Spanned<String>,
    /// Its file.
    pub source: SharedSource,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    id: Spanned<String>,
    articles: Vec<Spanned<String>>,
    question: String,
    options: Node,
    chosen: Spanned<String>,
}

/// Reads the list of readings.
pub fn read(source: &SharedSource) -> (Vec<Reading>, Vec<Diagnostic>) {
    let (node, mut found) = yaml::parse(source, Span::new(0, source.text().len()));
    let raw: Vec<Raw> = de::read_each(&node, source, "R101", &mut found);
    let readings = raw.into_iter().map(|raw| {
        let options = raw.options.as_map().unwrap_or_default().iter();
        let options: Vec<(String, String)> =
            options.map(|(name, means)| (name.text.clone(), means.as_str().unwrap_or_default().to_owned())).collect();
        let reading =
            Reading { id: raw.id, articles: raw.articles, question: raw.question, options, chosen: raw.chosen, source: source.clone() };
        if reading.option(&reading.chosen).is_none() {
            found.push(reading.unknown(&reading.chosen, source));
        }
        reading
    });
    let readings = readings.collect();
    (readings, found)
}

impl Reading {
    /// What an option means.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(own, _)| own == name).map(|(_, means)| means.as_str())
    }

    fn unknown(&self, name: &Spanned<String>, source: &SharedSource) -> Diagnostic {
        let (id, word) = (&self.id.value, &name.value);
        let d = Diagnostic::error(
            "R102",
            Place::new(source, name.span),
            say!("解释 {id} 没有“{word}”这个选项", "the reading {id} has no option `{word}`"),
        );
        match nearest(word, self.options.iter().map(|(own, _)| own.as_str())) {
            Some(near) => d.help(say!("是不是“{near}”?", "did you mean `{near}`?")),
            None => d,
        }
        .key(word)
    }
}

/// Whether all of these options are the chosen ones.
pub fn in_force(readings: &[Reading], under: &BTreeMap<String, Spanned<String>>) -> bool {
    under.iter().all(|(id, option)| readings.iter().any(|reading| reading.id.value == *id && reading.chosen.value == option.value))
}

/// What is wrong with the options under which a rule stands.
pub fn check(readings: &[Reading], under: &BTreeMap<String, Spanned<String>>, source: &SharedSource) -> Vec<Diagnostic> {
    let wrong = under.iter().filter_map(|(id, option)| match readings.iter().find(|reading| reading.id.value == *id) {
        Some(reading) => reading.option(option).is_none().then(|| reading.unknown(option, source)),
        None => {
            let place = Place::new(source, option.span);
            Some(Diagnostic::error("R102", place, say!("没有解释 {id}", "there is no reading {id}")).key(id))
        }
    });
    wrong.collect()
}
