//! What can be subscribed to: calendars of deadlines, and news of what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, NaiveDate, NaiveDateTime, Timelike};
use serde::Serialize;

use super::agenda::Agenda;
use super::chronicle::Moment;
use super::owed::Whose;
use super::viewer::Viewer;
use super::{EventView, Later, ObligationView};
use crate::rulebook::Obligation;
use crate::say;

/// Deadlines that passed more days ago than this are no longer in a calendar; the site has them.
const BACK: u64 = 60;
/// Commits in a feed of news.
const NEWS: usize = 40;

/// Everything that can be subscribed to.
#[derive(Debug)]
pub struct Feeds<'v> {
    /// What all of them share.
    pub about: FeedBasis,
    /// Calendars: address, and the calendar.
    pub calendars: Vec<(String, Later<'v, CalendarView>)>,
    /// News: address, and the feed.
    pub news: Vec<(String, NewsView)>,
}

/// What all feeds of a build share.
#[derive(Debug, Clone, Serialize)]
pub struct FeedBasis {
    /// The organisation; what identifies an entry rests on it.
    pub organisation: String,
    /// Tag of the language, such as `zh-CN`.
    pub language: &'static str,
    /// The address at which the site is served, with a slash at the end; none where the archive names none.
    pub site_url: Option<String>,
    /// The moment of the data in UTC: the head commit, or the as-of date where that is later.
    pub at: NaiveDateTime,
    /// The archive's zone in minutes east of UTC.
    pub zone: i32,
}

/// A calendar of deadlines.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarView {
    /// What it is called.
    pub title: String,
    /// Its deadlines, by day.
    pub deadlines: Vec<Deadline>,
}

/// A day on which something is due.
#[derive(Debug, Clone, Serialize)]
pub struct Deadline {
    /// The day.
    pub day: NaiveDate,
    /// Which of several duties of the same rule about the same thing, from 0.
    pub nth: usize,
    /// What is due.
    pub duty: ObligationView,
    /// What a reader is told of it, line by line.
    pub lines: Vec<String>,
}

/// News of what changed.
#[derive(Debug, Clone, Serialize)]
pub struct NewsView {
    /// What it is called.
    pub title: String,
    /// The page that shows the same.
    pub page: String,
    /// What happened, newest first; what one commit did to several records stands together.
    pub steps: Vec<Vec<EventView>>,
}

/// The calendar of everybody's deadlines.
pub(super) const DEADLINES: &str = "feeds/deadlines.ics";
/// The news of the whole archive.
pub(super) const CHANGES: &str = "feeds/changes.atom";

/// The calendar of a person, by what they are called in addresses.
pub(super) fn of_person(id: &str) -> String {
    format!("feeds/people/{id}.ics")
}

/// The calendar of a project.
pub(super) fn of_project(code: &str) -> String {
    format!("feeds/projects/{code}.ics")
}

/// The news of a project.
pub(super) fn news_of_project(code: &str) -> String {
    format!("feeds/projects/{code}.atom")
}

/// All feeds: calendars of everybody, of each person of the register and each project; news of the archive, with what
/// happened to its register and rulebook, and of each project.
pub(super) fn all<'v>(
    viewer: &'v Viewer<'_>,
    agenda: &Arc<Agenda<'v, '_>>,
    projects: &[String],
    moments: &[Moment],
    law: &[EventView],
) -> Feeds<'v> {
    let site = site(viewer);
    let titled = |whose: &str| titled(viewer, whose);
    let calendar = |title: String, rows: Vec<usize>| {
        let agenda = Arc::clone(agenda);
        Later::new(move || CalendarView { title: title.clone(), deadlines: agenda.deadlines(&rows) })
    };
    let mut calendars = vec![(DEADLINES.to_owned(), calendar(titled(site), agenda.since(BACK, None)))];
    for person in viewer.archive.people.iter() {
        let rows = agenda.since(BACK, Some(agenda.rows_of_person(&person.name.value)));
        calendars.push((of_person(&person.id.value), calendar(titled(&person.name.value), rows)));
    }
    for code in projects {
        let rows = agenda.since(BACK, Some(agenda.rows_of_project(code)));
        calendars.push((of_project(code), calendar(titled(code), rows)));
    }
    let told = |whose: &str| viewer.say(&say!("{whose} 动态", "{whose}: changes"));
    let mut news = Vec::new();
    let mut add = |url: String, title: String, page: String, events: Vec<EventView>| {
        if !events.is_empty() {
            news.push((url, NewsView { title, page, steps: steps(events) }));
        }
    };
    let mut by_project: BTreeMap<&str, Vec<&Moment>> = BTreeMap::new();
    for moment in moments {
        if let Some(code) = &viewer.judgement.world.dossiers[moment.at.0].project {
            by_project.entry(code).or_default().push(moment);
        }
    }
    let all = viewer.newest_steps(moments.iter().collect(), NEWS);
    let page = crate::publish::site::url::LOG.to_owned();
    add(CHANGES.to_owned(), told(site), page, all.into_iter().chain(law.iter().cloned()).collect());
    for code in projects {
        let events = viewer.newest_steps(by_project.remove(code.as_str()).unwrap_or_default(), NEWS);
        add(news_of_project(code), told(code), format!("projects/{code}.html"), events);
    }
    Feeds { about: basis(viewer), calendars, news }
}

/// The calendar of whoever is asked for, with what all calendars share. `rows` are their duties.
pub(super) fn one(viewer: &Viewer<'_>, agenda: &Agenda<'_, '_>, whose: Whose<'_>, rows: &[usize]) -> (CalendarView, FeedBasis) {
    let names: Vec<&str> = [whose.project, whose.person].into_iter().flatten().collect();
    let title = if names.is_empty() { titled(viewer, site(viewer)) } else { titled(viewer, &names.join(" ")) };
    (CalendarView { title, deadlines: agenda.deadlines(&agenda.since(BACK, Some(rows))) }, basis(viewer))
}

/// What the site is called.
fn site<'v>(viewer: &'v Viewer<'_>) -> &'v str {
    let config = &viewer.archive.config;
    if config.site_title.is_empty() { &config.organisation } else { &config.site_title }
}

fn titled(viewer: &Viewer<'_>, whose: &str) -> String {
    viewer.say(&say!("{whose} 期限", "{whose}: deadlines"))
}

fn basis(viewer: &Viewer<'_>) -> FeedBasis {
    let (config, history) = (&viewer.archive.config, &viewer.archive.history);
    let zone = config.zone();
    let midnight = viewer.judgement.world.today.and_hms_opt(0, 0, 0).unwrap_or_default() - chrono::Duration::minutes(zone.into());
    let head = history.commits.iter().find(|commit| Some(commit.id) == history.head).map(|commit| commit.committer.at.local(0));
    FeedBasis {
        organisation: config.organisation.clone(),
        language: if viewer.language.tag() == "zh" { "zh-CN" } else { "en" },
        site_url: (!config.site_url.is_empty()).then(|| format!("{}/", config.site_url.trim_end_matches('/'))),
        at: head.map_or(midnight, |head| head.max(midnight)).with_nanosecond(0).unwrap_or(midnight),
        zone,
    }
}

/// The newest events, those of the same commit and kind together.
fn steps(mut events: Vec<EventView>) -> Vec<Vec<EventView>> {
    events.sort_by(|a, b| (&b.when, &a.commit, a.kind, &a.subject.text).cmp(&(&a.when, &b.commit, b.kind, &b.subject.text)));
    let steps = events.chunk_by(|a, b| (&a.when, &a.commit, a.kind) == (&b.when, &b.commit, b.kind));
    steps.take(NEWS).map(<[EventView]>::to_vec).collect()
}

/// A duty as a deadline; none without a day.
pub(super) fn deadline(viewer: &Viewer<'_>, duty: &Obligation) -> Option<Deadline> {
    let day = duty.outcome.due?;
    let alike = viewer.duties_of(duty.dossier).iter().filter(|other| (other.entry, other.rule) == (duty.entry, duty.rule));
    let nth = alike.take_while(|other| !std::ptr::eq(*other, duty)).count();
    let view = viewer.obligation(duty);
    let mut lines = Vec::new();
    let mut line = |label, text: &str| {
        if !text.is_empty() {
            let colon = viewer.say(&say!("：", ": "));
            lines.push(format!("{}{colon}{text}", viewer.say(&label)));
        }
    };
    line(say!("状态", "State"), &view.state.text);
    line(say!("责任人", "Owner"), view.owner.as_deref().unwrap_or_default());
    line(say!("记录", "Record"), &view.subject.text);
    let (article, rule) = (view.article.as_ref().map_or("", |article| &article.text), &view.rule.text);
    line(say!("依据", "Basis"), format!("{article} {rule}").trim());
    line(say!("办法", "What to do"), view.help.as_deref().unwrap_or_default());
    lines.extend(view.facts.iter().cloned());
    Some(Deadline { day, nth, duty: view, lines })
}

/// The day before which deadlines are no longer in a calendar.
pub(super) fn since(today: NaiveDate, back: u64) -> NaiveDate {
    today.checked_sub_days(Days::new(back)).unwrap_or(today)
}
