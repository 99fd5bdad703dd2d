//! One audience's eyes: what it sees of a value, and the small pieces that every page is made of.

use std::collections::BTreeMap;

use super::{Badge, Counts, FindingView, Link, ObligationView};
use crate::archive::Archive;
use crate::archive::config::Strength;
use crate::diagnostic::{CODES, Diagnostic, Language, Severity, Text};
use crate::rulebook::context::Entry;
use crate::rulebook::evidence::Who;
use crate::rulebook::kinds::Turn;
use crate::rulebook::pseudonyms::Pseudonyms;
use crate::rulebook::{Form, Judgement, Obligation, Rule, State};
use crate::say;

/// Looks at a judgement with the eyes of one audience.
pub struct Viewer<'a> {
    /// The facts.
    pub archive: &'a Archive,
    /// The comparison.
    pub judgement: &'a Judgement<'a>,
    /// The audience, as an index.
    pub level: usize,
    /// Language of the build.
    pub language: Language,
    /// Whether papers are typeset in this build.
    pub papers: bool,
    /// Words of the theme, for figures.
    words: serde_json::Value,
    /// What people are called whom this audience may not know.
    pub(super) pseudonyms: Pseudonyms<'a>,
    /// Records by path.
    by_path: BTreeMap<&'a str, (usize, usize)>,
    /// Findings by path.
    findings: BTreeMap<&'a str, Vec<&'a Diagnostic>>,
}

impl<'a> Viewer<'a> {
    /// The eyes of the audience with that index.
    pub fn new(archive: &'a Archive, judgement: &'a Judgement<'a>, level: usize, language: Language, papers: bool) -> Self {
        let mut by_path = BTreeMap::new();
        for (d, dossier) in judgement.world.dossiers.iter().enumerate() {
            for (e, entry) in dossier.entries.iter().enumerate() {
                by_path.insert(entry.record.path(), (d, e));
            }
        }
        let mut findings: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in &judgement.findings {
            findings.entry(finding.path()).or_default().push(finding);
        }
        let pseudonyms = Pseudonyms::new(&judgement.world, archive);
        Self { archive, judgement, level, language, papers, words: serde_json::Value::Null, pseudonyms, by_path, findings }
    }

    /// The same eyes, with words for what is drawn.
    pub fn with_words(self, words: serde_json::Value) -> Self {
        Self { words, ..self }
    }

    /// A word in a figure; its key where the theme has none.
    pub fn figure_word(&self, key: &str) -> String {
        self.words.get(format!("figure_{}", key.replace('-', "_"))).and_then(serde_json::Value::as_str).unwrap_or(key).to_owned()
    }

    /// Whether this audience sees what is marked for that one.
    pub fn sees(&self, audience: usize) -> bool {
        self.level >= audience
    }

    /// Whether this is the highest audience, which sees everything.
    pub fn highest(&self) -> bool {
        self.level + 1 >= self.judgement.world.rulebook.settings.audiences.len()
    }

    /// A text in the language of the build.
    pub fn say(&self, text: &Text) -> String {
        text.in_language(self.language).to_owned()
    }

    /// The entry of a record's path.
    pub fn at(&self, path: &str) -> Option<(usize, usize)> {
        self.by_path.get(path).copied()
    }

    /// The form of an entry.
    pub fn form(&self, entry: &Entry<'_>) -> &'a Form {
        &self.judgement.world.rulebook.forms[entry.form]
    }

    /// The page of a record.
    pub fn record_url(&self, at: (usize, usize)) -> String {
        let dossier = &self.judgement.world.dossiers[at.0];
        match dossier.kind {
            // Every page has dozens of these, and to have them written by a format takes five times as long.
            Some(_) => ["records/", &dossier.number, "/", dossier.entries[at.1].record.stem(), ".html"].concat(),
            None => format!("records/{}.html", dossier.path.trim_end_matches(".md")),
        }
    }

    /// The paper of a record.
    pub fn paper_url(&self, at: (usize, usize)) -> String {
        self.record_url(at).replacen("records/", "papers/", 1).replace(".html", ".pdf")
    }

    /// A record's id, linked.
    pub fn record_link(&self, at: (usize, usize)) -> Link {
        let entry = self.judgement.world.entry(at);
        Link { text: entry.id.clone(), url: Some(self.record_url(at)) }
    }

    /// A dossier's number, linked; a record that stands alone has no dossier.
    pub fn dossier_link(&self, dossier: usize) -> Option<Link> {
        let facts = &self.judgement.world.dossiers[dossier];
        facts.kind.map(|_| Link { text: facts.number.clone(), url: Some(format!("dossiers/{}.html", facts.number)) })
    }

    /// A form, linked.
    pub fn form_link(&self, form: &Form) -> Link {
        Link { text: format!("{} {}", form.code.value, form.name), url: Some(format!("forms/{}.html", form.code.value)) }
    }

    /// A rule, linked.
    pub fn rule_link(&self, rule: &Rule) -> Link {
        Link { text: rule.id.value.clone(), url: Some(format!("rules/{}.html", rule.id.value)) }
    }

    /// An article, linked where it is known.
    pub fn article_link(&self, number: &str) -> Link {
        match self.judgement.world.rulebook.article(number) {
            Some(article) => Link { text: article.number.clone(), url: Some(format!("articles/{}.html", article.article.value)) },
            None => Link { text: number.to_owned(), url: None },
        }
    }

    /// A person by name, linked where they are registered.
    pub fn person_link(&self, name: &str) -> Link {
        let person = self.archive.people.named(name);
        Link { text: name.to_owned(), url: person.map(|p| format!("people/{}.html", p.id.value)) }
    }

    /// Somebody behind an address; an address that nobody is known under is for the highest audience.
    pub fn who(&self, who: &Who) -> String {
        match who {
            Who::Person(id) => self.archive.people.by_id(id).map_or_else(|| id.clone(), |person| person.name.value.clone()),
            Who::Unknown(email) if self.highest() => email.clone(),
            Who::Unknown(_) => "—".to_owned(),
        }
    }

    /// What a person is called in addresses: their id, or the name where nobody is registered by it.
    pub fn person_id(&self, name: &str) -> String {
        self.archive.people.named(name).map_or_else(|| name.to_owned(), |person| person.id.value.clone())
    }

    /// A state as a badge.
    pub fn badge(&self, state: State) -> Badge {
        Badge { text: self.say(&state.text()), class: state.class(), title: String::new() }
    }

    /// The state of a duty as a badge. What has no last day cannot be on time.
    pub(super) fn duty_badge(&self, o: &Obligation) -> Badge {
        let badge = self.badge(o.outcome.state);
        if o.outcome.state == State::Met && o.outcome.due.is_none() {
            return Badge { text: self.say(&say!("符合", "met")), ..badge };
        }
        badge
    }

    /// What was found about a duty. What a rule says of content may quote it; of days and approvals it may be said to everybody.
    pub(super) fn message(&self, o: &Obligation) -> Option<String> {
        let kind = self.judgement.world.rulebook.rules[o.rule].kind;
        let open = self.highest() || matches!(kind, "deadline" | "approval" | "companion" | "checklist");
        o.outcome.message.as_ref().filter(|_| open).map(|message| self.disguised(o.dossier, self.say(message)))
    }

    /// How a duty was counted and what it rests on.
    pub(super) fn facts(&self, o: &Obligation) -> Vec<String> {
        let world = &self.judgement.world;
        if !self.highest() && !matches!(world.rulebook.rules[o.rule].kind, "deadline" | "approval") {
            return Vec::new();
        }
        o.outcome.told(world.calendar(o.dossier)).iter().map(|fact| self.disguised(o.dossier, self.say(fact))).collect()
    }

    /// A duty.
    pub fn obligation(&self, o: &Obligation) -> ObligationView {
        let world = &self.judgement.world;
        let rule = &world.rulebook.rules[o.rule];
        let dossier = &world.dossiers[o.dossier];
        let outcome = &o.outcome;
        let mut state = self.duty_badge(o);
        state.title = self.message(o).unwrap_or_default();
        let subject = match o.entry {
            Some(e) => self.record_link((o.dossier, e)),
            None => self.dossier_link(o.dossier).unwrap_or_default(),
        };
        ObligationView {
            rule: self.rule_link(rule),
            title: rule.title.clone(),
            article: Some(self.article_link(&rule.article)),
            subject,
            form: o.entry.map(|e| self.form(&dossier.entries[e]).name.clone()),
            dossier: self.dossier_link(o.dossier),
            project: dossier.project.clone(),
            owner: world.owner(o),
            state,
            due: outcome.due.map(|d| d.to_string()),
            left: if outcome.state.is_running() || outcome.state == State::Overdue { outcome.left } else { None },
            provisional: outcome.provisional,
            facts: self.facts(o),
            help: if outcome.state.is_bad() || outcome.state.is_running() { rule.help.clone() } else { None },
            proposed: rule.proposed,
        }
    }

    /// Duties worth showing, most urgent first: by state, then by their last day.
    pub fn obligations(&self, among: &[Obligation], keep: impl Fn(&Obligation) -> bool) -> Vec<ObligationView> {
        let mut list: Vec<&Obligation> = among.iter().filter(|o| o.outcome.state != State::NotApplicable && keep(o)).collect();
        list.sort_by_key(|o| (o.outcome.state, o.outcome.due.unwrap_or(chrono::NaiveDate::MAX), o.dossier, o.entry, o.rule));
        list.into_iter().map(|o| self.obligation(o)).collect()
    }

    /// A finding. Lower audiences get what kind of fault it is, not the words that may quote a value.
    pub fn finding(&self, d: &Diagnostic) -> FindingView {
        let rule = self.judgement.world.rulebook.rule(&d.code).map(|(_, rule)| rule);
        let message = match (self.highest(), rule) {
            (true, _) => self.say(&d.message),
            (false, Some(rule)) => rule.title.clone(),
            (false, None) => {
                let code = CODES.iter().find(|c| c.code == d.code);
                code.map_or_else(String::new, |c| if self.language == Language::Zh { c.zh } else { c.en }.to_owned())
            }
        };
        let open = self.highest() || rule.is_some_and(|rule| rule.kind == "deadline");
        let place = d.place.as_ref();
        FindingView {
            code: rule.map_or_else(|| Link { text: d.code.clone(), url: None }, |rule| self.rule_link(rule)),
            severity: d.severity.word(),
            message,
            path: self.withheld(d.path()),
            line: place.map_or(0, |p| p.start().line),
            subject: self.at(d.path()).map(|at| self.record_link(at)).unwrap_or_default(),
            facts: if open { d.facts.iter().map(|f| self.withheld(&self.say(f))).collect() } else { Vec::new() },
            help: d.help.as_ref().filter(|_| self.highest() || rule.is_some()).map(|h| self.say(h)),
        }
    }

    /// The findings in one file.
    pub fn findings_at(&self, path: &str) -> &[&'a Diagnostic] {
        self.findings.get(path).map_or(&[], Vec::as_slice)
    }

    /// The findings in the files of a folder.
    pub fn findings_below<'v>(&'v self, folder: &'v str) -> impl Iterator<Item = &'a Diagnostic> + 'v {
        let inside = self.findings.range(folder..).take_while(move |(path, _)| path.starts_with(folder));
        inside.flat_map(|(_, list)| list.iter().copied())
    }

    /// The duties of one dossier; they are sorted by dossier, record and rule.
    pub fn duties_of(&self, dossier: usize) -> &'a [Obligation] {
        let all = &self.judgement.obligations;
        let start = all.partition_point(|o| o.dossier < dossier);
        let end = all.partition_point(|o| o.dossier <= dossier);
        &all[start..end]
    }

    /// The duties about one record.
    pub fn duties_at(&self, at: (usize, usize)) -> &'a [Obligation] {
        let all = self.duties_of(at.0);
        let start = all.partition_point(|o| o.entry < Some(at.1));
        let end = all.partition_point(|o| o.entry <= Some(at.1));
        &all[start..end]
    }

    /// Numbers of findings.
    pub fn counts<'d>(&self, findings: impl Iterator<Item = &'d Diagnostic>) -> Counts {
        let mut counts = Counts::default();
        for finding in findings {
            match finding.severity {
                Severity::Error => counts.error += 1,
                Severity::Warning => counts.warning += 1,
                Severity::Advice => counts.advice += 1,
            }
        }
        counts
    }

    /// The approval of a record in one badge.
    pub fn approval_badge(&self, at: (usize, usize)) -> Badge {
        let entry = self.judgement.world.entry(at);
        let rules = &self.judgement.world.rulebook.rules;
        let asked = self.duties_at(at).iter().filter(|o| rules[o.rule].must.turn() == Turn::First);
        let worst = asked.filter(|o| o.outcome.state != State::NotApplicable).min_by_key(|o| o.outcome.state);
        let Some(o) = worst else {
            let text = if entry.evidence.known { say!("无须审批", "none required") } else { say!("—", "—") };
            return Badge { text: self.say(&text), class: "none", title: String::new() };
        };
        let given = o.outcome.approval.as_ref().and_then(|a| a.given.first());
        let report = o.outcome.approval.as_ref().is_some_and(|a| a.report);
        let text = match o.outcome.state {
            State::Met => given.map_or_else(|| say!("基线", "baseline"), |given| agreed(given.proof, report)),
            State::Void => say!("审批失效", "void"),
            State::Open => say!("待审批", "waiting"),
            State::Unknown => say!("无从得知", "unknown"),
            _ => say!("审批不成立", "not approved"),
        };
        let title = o.outcome.message.as_deref().or(o.outcome.facts.first()).map(|t| self.say(t)).unwrap_or_default();
        Badge { text: self.say(&text), class: o.outcome.state.class(), title }
    }
}

/// That somebody agreed, never without how that is known.
pub(super) fn agreed(proof: Strength, report: bool) -> Text {
    let how = match proof {
        Strength::Claimed => say!("合并署名", "named in the merge"),
        Strength::ForgeSigned => say!("平台签名", "signed by the forge"),
        Strength::PersonSigned => say!("本人签名", "signed in person"),
    };
    let (zh, en) = if report { ("已收", "received") } else { ("已批", "approved") };
    Text { zh: format!("{zh}（{}）", how.zh), en: format!("{en} ({})", how.en) }
}
