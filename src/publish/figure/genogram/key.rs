//! The legend of a genogram: what was used, nothing else.

use super::super::colour;
use super::super::geometry::{Point, Rect, at};
use super::super::legend::{Legend, NARROW};
use super::super::svg::{Anchor, Ink, Svg, Text};
use super::family::{Bond, Kind, ParentKind, Quality, Sex, Status, Toward};
use super::symbol::{LINE, Symbol};
use super::words::Words;
use super::{Picture, bond, descent, tie};

/// The scale of symbols in the legend.
const SCALE: f64 = 0.5;

pub(crate) fn legend<'a>(picture: &'a Picture<'_>, words: &'a Words) -> Legend<'a> {
    let mut legend = Legend::default();
    people(picture, words, &mut legend);
    bonds(picture, words, &mut legend);
    children(picture, words, &mut legend);
    if !picture.borders.is_empty() {
        legend.add(&words.household, |svg, from, to| {
            let area = Rect::new(from.x + 2.0, from.y - 8.0, to.x - 2.0, to.y + 8.0);
            svg.rect(area, 5.0, Ink::line(1.2).coloured(colour::SOFT).dashed(&super::DASH));
        });
    }
    for quality in Quality::ALL {
        if picture.ties.iter().any(|t| t.quality == quality) {
            legend.add(words.quality(quality), move |svg, from, to| tie::draw(svg, &[from, to], quality, Toward::B));
        }
    }
    legend
}

fn people<'a>(picture: &'a Picture<'_>, words: &'a Words, legend: &mut Legend<'a>) {
    let people = &picture.sheet.kin.family.people;
    let sample = |symbol: Symbol| {
        move |svg: &mut Svg, from: Point, to: Point| {
            let mut inner = Svg::default();
            symbol.draw(&mut inner, at(0.0, 0.0), 16.0);
            svg.nested(&inner, from.towards(to, 0.5), SCALE);
        }
    };
    for (sex, word) in [(Sex::Male, &words.male), (Sex::Female, &words.female), (Sex::Unknown, &words.unknown)] {
        if people.iter().any(|p| p.kind == Kind::Person && p.sex == sex) {
            legend.add_narrow(word, sample(Symbol::plain(sex)));
        }
    }
    if let Some(index) = people.iter().find(|p| p.index) {
        legend.add_narrow(&words.index, sample(Symbol { index: true, ..Symbol::plain(index.sex) }));
    }
    if let Some(dead) = people.iter().find(|p| p.is_dead() && p.kind == Kind::Person) {
        legend.add_narrow(&words.dead, sample(Symbol { dead: true, ..Symbol::plain(dead.sex) }));
    }
    let kinds = [
        (Kind::Pregnancy, &words.pregnancy),
        (Kind::Miscarriage, &words.miscarriage),
        (Kind::Abortion, &words.abortion),
        (Kind::Stillbirth, &words.stillbirth),
    ];
    for (kind, word) in kinds {
        if let Some(person) = people.iter().find(|p| p.kind == kind) {
            let symbol = Symbol { kind, ..Symbol::plain(person.sex) };
            legend.add_narrow(word, move |svg, from, to| {
                let mut inner = Svg::default();
                symbol.draw(&mut inner, at(0.0, 0.0), 16.0);
                svg.nested(&inner, from.towards(to, 0.5), 0.8);
            });
        }
    }
}

fn bonds<'a>(picture: &'a Picture<'_>, words: &'a Words, legend: &mut Legend<'a>) {
    let unions = || picture.sheet.kin.pairs.iter().map(|p| &picture.sheet.kin.family.unions[p.union]);
    for (bond, word) in [(Bond::Marriage, &words.marriage), (Bond::Cohabitation, &words.cohabitation)] {
        if unions().any(|u| u.bond == bond) {
            legend.add(word, move |svg, from, to| bond::sample(svg, from, to, bond, 0));
        }
    }
    for (status, word, marks) in [(Status::Separated, &words.separated, 1), (Status::Divorced, &words.divorced, 2)] {
        if let Some(union) = unions().find(|u| u.status == status) {
            let bond = union.bond;
            legend.add(word, move |svg, from, to| bond::sample(svg, from, to, bond, marks));
        }
    }
}

fn children<'a>(picture: &'a Picture<'_>, words: &'a Words, legend: &mut Legend<'a>) {
    let children = || picture.sheet.kin.sibships.iter().flat_map(|s| s.children.iter());
    for (kind, word) in [(ParentKind::Birth, &words.birth), (ParentKind::Adopted, &words.adopted), (ParentKind::Fostered, &words.fostered)]
    {
        if children().any(|c| c.kind == kind) {
            legend.add_narrow(word, move |svg, from, _| {
                let x = from.x + NARROW / 2.0;
                descent::branch(svg, kind, &[at(x, from.y - 10.0), at(x, from.y + 10.0)]);
            });
        }
    }
    let twins = |identical: bool| {
        picture
            .sheet
            .kin
            .sibships
            .iter()
            .any(|s| descent::births(s).iter().any(|g| g.len() > 1 && g.iter().all(|i| s.children[*i].identical) == identical))
    };
    for (identical, word) in [(false, &words.twins), (true, &words.identical_twins)] {
        if twins(identical) {
            legend.add_narrow(word, move |svg, from, _| {
                let top = at(from.x + NARROW / 2.0, from.y - 10.0);
                let (left, right) = (top.plus(-10.0, 20.0), top.plus(10.0, 20.0));
                svg.line(top, left, Ink::line(LINE));
                svg.line(top, right, Ink::line(LINE));
                if identical {
                    svg.line(top.towards(left, 0.55), top.towards(right, 0.55), Ink::line(LINE));
                }
            });
        }
    }
    if picture.sheet.descents.iter().any(|d| !d.numbers.is_empty()) {
        legend.add(&words.birth_order, |svg, from, to| {
            svg.text(&Text::new(at((from.x + to.x) / 2.0, from.y + 4.5), "①②", 12.0, Anchor::Middle));
        });
    }
}
