//! The drawings as geometry.

use super::super::geometry::crossings;
use super::super::samples::{FAMILIES, caption, family, read, words};
use super::*;

fn picture(family: &Family) -> Picture<'_> {
    Picture::of(family, 2024, &words()).unwrap()
}

/// The number of crossings between lines of different families.
fn structural_crossings(sheet: &Sheet<'_>) -> usize {
    let lines = sheet.structure();
    let mut count = 0;
    for (i, (family, line)) in lines.iter().enumerate() {
        count += lines[..i].iter().filter(|(other, _)| other != family).map(|(_, other)| crossings(line, other)).sum::<usize>();
    }
    count
}

/// Symbols that meet symbols, or words that meet either.
fn overlaps(sheet: &Sheet<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let symbols: Vec<Rect> = (0..sheet.centre.len()).map(|p| sheet.symbol(p)).collect();
    let name = |p: usize| sheet.kin.person(p).id.clone();
    for (i, a) in symbols.iter().enumerate() {
        found.extend((0..i).filter(|j| symbols[*j].meets(*a)).map(|j| format!("{} {}", name(j), name(i))));
    }
    let texts = sheet.texts();
    for (i, text) in texts.iter().enumerate() {
        let area = text.area().grown(-0.5);
        found.extend((0..symbols.len()).filter(|p| symbols[*p].meets(area)).map(|p| format!("{} on {}", text.text, name(p))));
        found.extend(texts[..i].iter().filter(|t| t.area().grown(-0.5).meets(area)).map(|t| format!("{} on {}", text.text, t.text)));
    }
    found
}

#[test]
fn nothing_overlaps_and_nothing_crosses() {
    // The line of the first of three partners passes under the second and crosses the line to her
    // children: with three partners in a row that cannot be helped.
    for (name, allowed) in [("example", 0), ("remarriage", 0), ("forty", 0), ("ties", 0), ("one-parent", 0), ("partners", 1)] {
        let family = family(name);
        let picture = picture(&family);
        assert_eq!(overlaps(&picture.sheet), Vec::<String>::new(), "{name}");
        assert_eq!(structural_crossings(&picture.sheet), allowed, "{name}");
    }
}

#[test]
fn ties_avoid_symbols_and_each_other() {
    for name in FAMILIES {
        let family = family(name);
        let picture = picture(&family);
        for (i, tie) in picture.ties.iter().enumerate() {
            for person in (0..picture.sheet.centre.len()).filter(|p| *p != tie.a && *p != tie.b) {
                let symbol = picture.sheet.symbol(person);
                assert!(!tie.path.windows(2).any(|w| symbol.crossed_by(w[0], w[1])), "{name}: tie {i} through {person}");
            }
        }
    }
    let family = family("remarriage");
    let picture = picture(&family);
    let mut count = 0;
    for (i, tie) in picture.ties.iter().enumerate() {
        count += picture.ties[..i].iter().map(|other| crossings(&tie.path, &other.path)).sum::<usize>();
    }
    // The quarrel of mother and stepmother has to pass what ties the father's family together.
    assert!(count <= 2, "{count}");
}

#[test]
fn words_stay_readable_on_a_page() {
    for name in FAMILIES {
        let family = family(name);
        let picture = picture(&family);
        assert!(picture.sheet.font * (PAGE / picture.bounds.width().max(PAGE)) >= LEAST * 0.97, "{name}");
    }
}

#[test]
fn the_same_family_gives_the_same_bytes() {
    for name in FAMILIES {
        let one = draw(&family(name), &caption(name), &words()).unwrap();
        assert_eq!(one, draw(&family(name), &caption(name), &words()).unwrap());
        assert!(one.starts_with("<svg ") && one.contains("<title>") && one.contains("<desc>") && one.contains("绘制日期 2024-03-05"));
        for forbidden in ["style=", " id=", "<defs", "<use", "NaN", "inf", "foreignObject"] {
            assert!(!one.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

#[test]
fn the_elder_stand_left_and_the_man_left() {
    let f = family("example");
    let sheet = &picture(&f).sheet;
    let x = |id: &str| sheet.centre[f.people.iter().position(|p| p.id == id).unwrap()].x;
    // The earlier wife left, the later partner right; the elder child left.
    assert!(x("m") < x("f") && x("f") < x("w2") && x("s1") < x("c"));
    let f = read("a 女 1960 母\n b 男 1962 父\n c 男 1990 案主 *\n d 女 1985 姐\n e 女 ? 妹 #3\n ~u a b 婚姻 1984 现存\n >u: c d e");
    let sheet = &picture(&f).sheet;
    let x: Vec<f64> = sheet.centre.iter().map(|c| c.x).collect();
    assert!(x[1] < x[0] && x[3] < x[2] && x[2] < x[4]);
    // Parents above the middle of their children, three units up.
    assert!(((x[0] + x[1]) - (x[3] + x[4])).abs() < 1.0);
    assert_eq!(sheet.centre[2].y - sheet.centre[0].y, 120.0);
}

#[test]
fn borders_hold_their_members_and_nobody_else() {
    for name in FAMILIES {
        let family = family(name);
        let picture = picture(&family);
        for (i, border, _) in &picture.borders {
            let Border::Around(corners) = border else { panic!("{name}: no closed border") };
            for (p, person) in family.people.iter().enumerate() {
                let member = family.households[*i].members.contains(&person.id);
                assert_eq!(household::within(corners, picture.sheet.centre[p]), member, "{name}: {}", person.id);
            }
        }
    }
}

#[test]
fn members_who_cannot_be_joined_get_boxes() {
    let f = read(
        "f 男 1960 父\n m 女 1962 母\n a 男 1985 长子\n b 男 1988 次子 *\n c 男 1990 幼子\n ~u f m 婚姻 1984 现存\n >u: a b c\n @家: a c",
    );
    let picture = picture(&f);
    // Around the brother between them, or box by box: never over him.
    match &picture.borders[0].1 {
        Border::Around(corners) => assert!(!household::within(corners, picture.sheet.centre[3])),
        Border::Each(boxes) => assert_eq!(boxes.len(), 2),
    }
}

#[test]
fn every_symbol_has_its_shape() {
    let svg =
        |line: &str| draw(&read(&format!("{line}\n x 男 1990 案主 *")), &Caption { year: 2024, ..Caption::default() }, &words()).unwrap();
    assert!(svg("a 女 1970 母").contains("<circle"));
    assert!(svg("a ? 1970 某人").contains(">?<"));
    assert!(svg("a 男 1970-2000 父").contains("1970–2000") && svg("a 男 1970-2000 父").contains(">30<"));
    assert!(svg("a 男 ? 父 亡").contains("已故"));
    assert!(svg("a ? 2020 x 流产").contains("自然流产"));
    assert!(svg("a ? 2020 x 引产").contains("引产"));
    assert!(svg("a 女 2020 x 死产").contains("死产"));
    assert!(svg("a ? ? x 胎儿").contains("怀孕"));
    // The legend names only what is there.
    assert!(!svg("a 女 1970 母").contains("已故") && !svg("a 女 1970 母").contains("离婚"));
}

#[test]
fn nonsense_is_drawn_or_refused() {
    let odd = [
        "a 男 ? a *\n b 女 ? b\n ~u a b 婚姻 ? 现存\n >u: a b",
        "a 男 ? a *\n >=a: a",
        "a 男 ? a *\n b 女 ? b\n >=a: b\n >=b: a",
        "a 男 1 a *\n b 女 2 b\n c 男 3 c\n ~u a b 婚姻 1 现存\n ~v b c 婚姻 2 现存\n ~w c a 婚姻 3 现存\n >u: c\n >w: b",
        "a 男 1 a *\n b 女 2 b\n c 男 3 c\n d 女 4 d\n ~u a b 婚姻 1 现存\n ~u a b 婚姻 1 现存\n >u: c\n >=d: c\n >=a: d\n -a zz 冲突\n -a a 冲突\n @: zz\n @家: ",
        "a 男 1 a *\n a 女 2 b\n >=zz: a\n >zz: a",
    ];
    for text in odd {
        let mut f = read(text);
        check::check(&f);
        assert!(draw(&f, &caption(""), &words()).is_some(), "{text}");
        split(&f);
        for person in &mut f.people {
            person.generation = Some(i32::MAX);
            person.born = Some(i32::MIN);
            person.died = Some(i32::MAX);
            person.order = Some(i32::MIN);
        }
        f.people[0].generation = Some(i32::MIN);
        f.unions.iter_mut().for_each(|u| (u.from, u.to) = (Some(i32::MIN), Some(i32::MAX)));
        check::check(&f);
        assert!(draw(&f, &Caption { year: i32::MIN, ..Caption::default() }, &words()).is_some());
    }
    assert_eq!(draw(&Family::default(), &caption(""), &words()), None);
    let crowd = Family { people: vec![Person::default(); MOST + 1], ..Family::default() };
    assert_eq!(draw(&crowd, &caption(""), &words()), None);
    check::check(&crowd);
}

/// A tiny generator of numbers (xorshift), for families that are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// A family grown downwards from a couple: partners, second partners, children of all kinds.
fn grown(dice: &mut Dice, limit: usize) -> Family {
    let mut f = read("r0 男 1930 祖父\n r1 女 1932 祖母\n ~u0 r0 r1 婚姻 1955 现存");
    let mut open = vec![(String::from("u0"), 1955)];
    while let Some((union, year)) = open.pop() {
        let twins = dice.roll(6) == 0;
        for k in 0..1 + dice.roll(4) {
            if f.people.len() >= limit {
                break;
            }
            let id = format!("p{}", f.people.len());
            let born = if twins { year + 1 } else { year + 1 + 2 * k as i32 };
            let kind = if dice.roll(9) == 0 { Kind::Miscarriage } else { Kind::Person };
            let sex = [Sex::Male, Sex::Female, Sex::Unknown][dice.roll(3)];
            let died = (dice.roll(8) == 0).then_some(born + 20);
            let label = ["子", "女儿", "外孙女", "很长的称谓词"][dice.roll(4)].to_owned();
            f.people.push(Person { id: id.clone(), label, sex, born: Some(born), died, kind, ..Person::default() });
            let kinds = [ParentKind::Birth, ParentKind::Birth, ParentKind::Adopted, ParentKind::Fostered];
            let twin = twins.then(|| "t".to_owned());
            f.parents.push(ParentLink {
                child: id.clone(),
                parents: Parents::Union(union.clone()),
                kind: kinds[dice.roll(4)],
                twin,
                identical: dice.roll(2) == 0,
            });
            for n in 0..dice.roll(3) {
                if kind == Kind::Person && born < 1990 && f.people.len() < limit {
                    let partner = format!("p{}", f.people.len());
                    f.people.push(Person {
                        id: partner.clone(),
                        label: "配偶".into(),
                        sex: Sex::Female,
                        born: Some(born),
                        ..Person::default()
                    });
                    let status = [Status::Current, Status::Divorced, Status::Separated, Status::Widowed][dice.roll(4)];
                    let from = born + 22 + 8 * n as i32;
                    let union = Union {
                        id: format!("u{partner}"),
                        a: id.clone(),
                        b: partner,
                        bond: Bond::Marriage,
                        status,
                        from: Some(from),
                        to: Some(from + 6),
                    };
                    open.push((union.id.clone(), from));
                    f.unions.push(union);
                }
            }
        }
    }
    let last = f.people.len() - 1;
    f.people[last].index = true;
    f
}

#[test]
fn generated_families_never_overlap_and_never_cross() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..60 {
        let limit = 4 + dice.roll(37);
        let f = grown(&mut dice, limit);
        let picture = picture(&f);
        assert_eq!(overlaps(&picture.sheet), Vec::<String>::new(), "round {round}");
        assert_eq!(structural_crossings(&picture.sheet), 0, "round {round}");
    }
}

#[test]
fn random_families_are_survived() {
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    for _ in 0..40 {
        let n = 1 + dice.roll(30);
        let mut f = Family::default();
        for i in 0..n {
            let born = (dice.roll(3) > 0).then(|| 1900 + dice.roll(120) as i32);
            let generation = (dice.roll(12) == 0).then(|| dice.roll(9) as i32 - 4);
            f.people.push(Person {
                id: i.to_string(),
                label: "某人".into(),
                born,
                generation,
                sex: [Sex::Male, Sex::Female][dice.roll(2)],
                ..Person::default()
            });
        }
        let who = |dice: &mut Dice| dice.roll(n + 1).to_string();
        for i in 0..dice.roll(n + 1) {
            f.unions.push(Union {
                id: format!("u{i}"),
                a: who(&mut dice),
                b: who(&mut dice),
                from: (dice.roll(2) == 0).then_some(1980),
                ..Union::default()
            });
        }
        for _ in 0..dice.roll(n + 4) {
            let parents = if dice.roll(3) == 0 { Parents::One(who(&mut dice)) } else { Parents::Union(format!("u{}", dice.roll(n))) };
            f.parents.push(ParentLink {
                child: who(&mut dice),
                parents,
                kind: ParentKind::Birth,
                twin: (dice.roll(3) == 0).then(|| "t".into()),
                identical: true,
            });
        }
        for _ in 0..dice.roll(5) {
            let quality = Quality::ALL[dice.roll(8)];
            f.relations.push(Relation { a: who(&mut dice), b: who(&mut dice), quality, toward: Toward::Both, note: "注".into() });
        }
        let members = (0..dice.roll(5)).map(|_| who(&mut dice)).collect();
        f.households.push(Household { name: "家".into(), members });
        check::check(&f);
        let symbols_only = |f: &Family| {
            let picture = picture(f);
            let areas: Vec<Rect> = (0..n).map(|p| picture.sheet.symbol(p)).collect();
            assert!(areas.iter().enumerate().all(|(i, a)| areas[..i].iter().all(|b| !a.meets(*b))));
        };
        symbols_only(&f);
        let parts = split(&f);
        let shown: std::collections::BTreeSet<&str> = parts.iter().flat_map(|p| &p.family.people).map(|p| p.id.as_str()).collect();
        assert_eq!(shown.len(), n);
        draw(&f, &caption(""), &words()).unwrap();
    }
}

#[test]
fn large_families_are_split() {
    let mut dice = Dice(7);
    let f = loop {
        let f = grown(&mut dice, 90);
        if f.people.len() > 60 {
            break f;
        }
    };
    let parts = split(&f);
    assert!(parts.len() > 1 && parts.iter().all(|p| p.family.people.len() <= 40 && !p.family.people.is_empty()));
    assert!(parts[0].family.people.iter().any(|p| p.index));
    // Every further sheet is tied to another by somebody who stands on both.
    assert!(parts[1..].iter().all(|p| !p.shared.is_empty()));
    let shown: std::collections::BTreeSet<&str> = parts.iter().flat_map(|p| &p.family.people).map(|p| p.id.as_str()).collect();
    assert_eq!(shown.len(), f.people.len());
    assert_eq!(split(&family("example")).len(), 1);
}

#[test]
fn the_table_says_what_the_drawing_shows() {
    let table = rows(&family("example"), &words());
    assert!(table.rows.iter().all(|r| r.len() == table.head.len()));
    assert_eq!(table.rows[3], ["案主", "男", "2010", "", "父 母", "父 冲突; 姐 非常亲密; 继母 疏远"]);
}

#[test]
#[ignore = "writes drawings to look at"]
fn write_drawings() {
    for name in FAMILIES {
        let svg = draw(&family(name), &caption(name), &words()).unwrap();
        super::super::samples::write(&format!("genogram-{name}"), &svg);
    }
}
