//! Contradictions in what a figure is drawn from, as findings at the rows concerned.

use std::collections::HashMap;

use super::{Gravity, Line, Problem, Rows, check, ecomap, network};
use crate::diagnostic::{Diagnostic, Severity, Text};
use crate::rulebook::context::World;
use crate::rulebook::form::{FigureKind, FigureSpec};
use crate::say;

/// What is wrong with the figures of a record. Figures that rest on the same tables say it once.
pub fn of_record(world: &World<'_>, at: (usize, usize)) -> Vec<Diagnostic> {
    let form = world.form(world.entry(at));
    form.figures.iter().flat_map(|figure| of_figure(Rows { world, at, figure })).collect()
}

fn of_figure(rows: Rows<'_, '_>) -> Vec<Diagnostic> {
    // A table that nobody filled is not a figure yet; where it is required its form says so.
    let filled = |part: &'static str| !rows.lines(part).is_empty();
    let problems = match rows.figure.kind {
        FigureKind::Genogram if filled("people") => check::check(&rows.family()),
        FigureKind::Ecomap if filled("ties") => {
            let ecomap = rows.ecomap();
            let people: Vec<&str> = ecomap.family.iter().flat_map(|family| &family.people).map(|person| person.id.as_str()).collect();
            ecomap::check(&ecomap, &people)
        }
        FigureKind::Network if filled("members") => network::check(&rows.members()),
        _ => Vec::new(),
    };
    if problems.is_empty() {
        return Vec::new();
    }
    let named = Named::of(rows);
    problems.iter().map(|problem| finding(rows, &named, problem)).collect()
}

/// The columns in which a row names somebody or something by its id.
const NAMING: &[&str] = &["id", "a", "b", "child", "union", "parent", "who", "members", "twin"];

/// All rows of a figure, found by whom or what they name.
struct Named<'s, 'v> {
    lines: Vec<Line<'s, 'v>>,
    /// The rows that name an id, by their number.
    by: HashMap<String, Vec<usize>>,
}

impl<'s, 'v> Named<'s, 'v> {
    fn of(rows: Rows<'s, 'v>) -> Self {
        let lines: Vec<_> = rows.figure.parts.keys().flat_map(|part| rows.lines(part)).collect();
        let mut by: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, line) in lines.iter().enumerate() {
            for id in NAMING.iter().filter_map(|column| line.some(column)) {
                let own = by.entry(id).or_default();
                if own.last() != Some(&at) {
                    own.push(at);
                }
            }
        }
        Self { lines, by }
    }

    /// The rows that name an id.
    fn lines(&self, id: &str) -> impl DoubleEndedIterator<Item = &Line<'s, 'v>> {
        self.by.get(id).into_iter().flatten().map(|&at| &self.lines[at])
    }
}

fn finding(rows: Rows<'_, '_>, named: &Named<'_, '_>, problem: &Problem) -> Diagnostic {
    let figure: &FigureSpec = rows.figure;
    let entry = rows.world.entry(rows.at);
    let names = |line: &Line<'_, '_>, id: &str| NAMING.iter().find(|column| line.text(column) == id).copied();
    // A row that names them all says how they belong together.
    let all = match problem.ids.as_slice() {
        [first, others @ ..] if !others.is_empty() => named.lines(first).find(|line| others.iter().all(|id| names(line, id).is_some())),
        _ => None,
    };
    // Else the row that it is: the later one, where an id is used twice.
    let itself = |id: &String| named.lines(id).rfind(|line| line.text("id") == *id).or_else(|| named.lines(id).next());
    let found = all.or_else(|| problem.ids.last().and_then(itself));
    let place = found.and_then(|line| line.place(problem.ids.iter().find_map(|id| names(line, id))?));
    let table = figure.kind.parts().iter().find_map(|part| Some(figure.parts.get(*part)?.table.value.clone())).unwrap_or_default();
    let whole = || entry.record.fields.get(&table).map_or_else(|| entry.place(entry.record.front), |node| entry.place(node.span));
    let severity = match problem.gravity {
        Gravity::Error => Severity::Error,
        Gravity::Warning => Severity::Warning,
        Gravity::Hint => Severity::Advice,
    };
    let (title, ids, said) = (&figure.title, problem.ids.join("、"), words(problem.code));
    let message = if ids.is_empty() {
        say!("{title}：{said}", "{title}: {said}"; said)
    } else {
        say!("{title}：{ids} {said}", "{title}: {ids}: {said}"; said)
    };
    Diagnostic::new("F130", severity, Some(place.unwrap_or_else(whole)), message)
        .help(say!("对照资料改正；图照现有的资料画", "correct it from the sources; the figure is drawn from what is there"))
        .key(format!("{} {ids}", problem.code))
}

fn words(code: &str) -> Text {
    match code {
        "G-01" => say!("须有且只有一位案主", "there must be one index person"),
        "G-02" | "E-02" => say!("图中没有这个编号", "nobody and nothing has this id"),
        "G-03" => say!("代数自相矛盾", "their generations contradict each other"),
        "G-04" => say!("亲子年龄相差不到 12 岁或超过 60 岁", "parent and child are less than 12 or more than 60 years apart"),
        "G-05" => say!("死亡早于出生", "died before birth"),
        "G-06" => say!(
            "不能是自己或自己祖先的配偶，也不能是自己的祖先",
            "cannot be the partner of oneself or an ancestor, nor one's own ancestor"
        ),
        "G-07" => say!("与案主没有连线", "not connected with the index person"),
        "G-08" => say!("同时有两段存续的婚姻", "two current marriages at a time"),
        "G-09" => say!("已故者不列入同住范围", "a dead member of a household"),
        "G-10" => say!("双胞的出生年不同", "twins of different years"),
        "G-11" => say!("出生时父母未满 12 岁，或父母已故", "born before the parent was 12 or after the parent's death"),
        "G-12" => say!("同两人之间有两条关系线", "two relation lines between the same people"),
        "G-13" => say!("亲生父母多于一对", "more than one pair of birth parents"),
        "G-14" | "N-02" | "E-05" => say!("编号重复", "an id is used twice"),
        "G-15" => say!("超过四代或四十人，宜分张绘制", "more than four generations or forty people: better on several sheets"),
        "E-03" => say!("同一系统到同一人有两条线", "two ties of one system to the same person"),
        "E-04" => say!("重要性须为 1 至 3", "the importance must be 1 to 3"),
        "E-06" => say!("只有压力而没有支持，宜找一找资源", "stress and no support: look for resources"),
        "N-03" => say!("分数超出量表", "a score is off its scale"),
        "N-04" => say!("多于十五人，图上会拥挤", "more than fifteen people: the map is crowded"),
        _ => say!("没有可画的资料", "there is nothing to draw"),
    }
}
