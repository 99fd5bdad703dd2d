//! Figures for tests: all people fictional, named by role words.

use super::genogram::{
    Bond, Caption, Family, Household, Kind, ParentKind, ParentLink, Parents, Person, Quality, Relation, Sex, Status, Toward, Union, Words,
};

/// The Chinese word for a key.
pub(crate) fn zh(key: &str) -> String {
    let line = include_str!("samples/zh.txt").lines().find_map(|l| l.split_once('=').filter(|(k, _)| k.trim() == key));
    line.unwrap_or_else(|| panic!("no word for {key}")).1.trim_start().to_owned()
}

pub(crate) fn words() -> Words {
    Words::read(zh)
}

pub(crate) fn caption(title: &str) -> Caption {
    Caption { title: title.into(), description: "虚构".into(), drawn_on: "2024-03-05".into(), year: 2024 }
}

/// `id 性别 生-卒 称谓 [*] [类型] [#order]`
pub(crate) fn person(line: &str) -> Person {
    let mut parts = line.split_whitespace();
    let id = parts.next().unwrap().to_owned();
    let sex = match parts.next().unwrap() {
        "男" => Sex::Male,
        "女" => Sex::Female,
        _ => Sex::Unknown,
    };
    let years = parts.next().unwrap();
    let (born, died) = years.split_once('-').unwrap_or((years, ""));
    let mut person = Person { id, sex, born: born.parse().ok(), died: died.parse().ok(), ..Person::default() };
    for part in parts {
        match part {
            "*" => person.index = true,
            "亡" => person.deceased = true,
            "胎儿" => person.kind = Kind::Pregnancy,
            "流产" => person.kind = Kind::Miscarriage,
            "引产" => person.kind = Kind::Abortion,
            "死产" => person.kind = Kind::Stillbirth,
            part => match part.strip_prefix('#') {
                Some(order) => person.order = order.parse().ok(),
                None => person.label = part.to_owned(),
            },
        }
    }
    person
}

/// `id a b 类型 开始-结束 状态`
pub(crate) fn union(line: &str) -> Union {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let (from, to) = parts[4].split_once('-').unwrap_or((parts[4], ""));
    Union {
        id: parts[0].into(),
        a: parts[1].into(),
        b: parts[2].into(),
        bond: if parts[3] == "婚姻" { Bond::Marriage } else { Bond::Cohabitation },
        from: from.parse().ok(),
        to: to.parse().ok(),
        status: match parts[5] {
            "现存" => Status::Current,
            "分居" => Status::Separated,
            "离婚" => Status::Divorced,
            _ => Status::Widowed,
        },
    }
}

/// `父母: 子 子(收养) 子(t1) 子(t1同卵)`; the parents are a union, or `=person`.
fn children(line: &str) -> Vec<ParentLink> {
    let (source, children) = line.split_once(':').unwrap();
    let parents = match source.trim().strip_prefix('=') {
        Some(person) => Parents::One(person.into()),
        None => Parents::Union(source.trim().into()),
    };
    let child = |word: &str| {
        let (id, note) = word.split_once('(').unwrap_or((word, ")"));
        let note = note.trim_end_matches(')');
        ParentLink {
            child: id.into(),
            parents: parents.clone(),
            kind: match note {
                "收养" => ParentKind::Adopted,
                "寄养" => ParentKind::Fostered,
                "继" => ParentKind::Step,
                _ => ParentKind::Birth,
            },
            twin: note.starts_with('t').then(|| note.trim_end_matches("同卵").to_owned()),
            identical: note.ends_with("同卵"),
        }
    };
    children.split_whitespace().map(child).collect()
}

fn relation(line: &str) -> Relation {
    let parts: Vec<&str> = line.split_whitespace().collect();
    Relation {
        a: parts[0].into(),
        b: parts[1].into(),
        quality: match parts[2] {
            "亲密" => Quality::Close,
            "非常亲密" => Quality::VeryClose,
            "疏远" => Quality::Distant,
            "冲突" => Quality::Conflict,
            "纠缠" => Quality::Enmeshed,
            "断绝" => Quality::CutOff,
            "关注" => Quality::Focused,
            _ => Quality::Abuse,
        },
        toward: Toward::B,
        note: parts.get(3).unwrap_or(&"").to_string(),
    }
}

/// Reads a family: lines of people, `~` unions, `>` children, `-` ties, `@` households.
pub(crate) fn read(text: &str) -> Family {
    let mut family = Family::default();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let rest = line.get(1..).unwrap_or_default();
        match line.chars().next() {
            Some('~') => family.unions.push(union(rest)),
            Some('>') => family.parents.extend(children(rest)),
            Some('-') => family.relations.push(relation(rest)),
            Some('@') => {
                let (name, members) = rest.split_once(':').unwrap();
                let members = members.split_whitespace().map(String::from).collect();
                family.households.push(Household { name: name.trim().into(), members });
            }
            _ => family.people.push(person(line)),
        }
    }
    family
}

/// A family by name.
pub(crate) fn family(name: &str) -> Family {
    read(match name {
        "example" => EXAMPLE,
        "remarriage" => REMARRIAGE,
        "forty" => FORTY,
        "partners" => PARTNERS,
        "ties" => TIES,
        "one-parent" => ONE_PARENT,
        _ => panic!("no family {name}"),
    })
}

/// The names of all families.
pub(crate) const FAMILIES: [&str; 6] = ["example", "remarriage", "forty", "partners", "ties", "one-parent"];

const EXAMPLE: &str = "
    f 男 1968 父
    m 女 1970-2019 母
    s1 女 1993 姐
    c 男 2010 案主 *
    w2 女 1980 继母
    ~u1 f m 婚姻 1992-2019 丧偶
    ~u2 f w2 同居 2021 现存
    >u1: s1 c
    -c f 冲突
    -c s1 非常亲密
    -c w2 疏远
    @现住: f w2 c
";

/// Three generations: a remarriage, twins, an adoption, a miscarriage, a divorce, deaths, a cut-off.
const REMARRIAGE: &str = "
    gf 男 1938-2011 祖父
    gm 女 1941 祖母
    mf 男 1940-2020 外祖父
    mm 女 1944 外祖母
    f 男 1968 父
    fb 男 1963 伯父
    fs 女 1972 姑姑
    m 女 1970 母
    ms 女 1974 姨妈
    mb 男 1976 舅舅
    h2 男 1965 继父
    x 女 1990 继姐
    w2 女 1979 继母
    s1 女 1993 姐
    mis ? 1995 流产 流产
    t1 男 2000 双胞兄
    t2 男 2000 双胞弟
    c 女 2005 案主 *
    a 女 2012 养妹
    hb 男 2011 同父弟
    ~g gf gm 婚姻 1962-2011 丧偶
    ~k mf mm 婚姻 1966-2020 丧偶
    ~u1 f m 婚姻 1991-2007 离婚
    ~u2 f w2 婚姻 2009 现存
    ~u3 m h2 同居 2010 现存
    >g: fb f fs
    >k: m ms mb
    >u1: s1 mis t1(t1同卵) t2(t1同卵) c
    >u2: hb
    >u3: a(收养)
    >=h2: x
    -c f 断绝
    -c m 非常亲密
    -gm c 亲密
    -f gf 疏远
    -m w2 冲突
    @案主家: m h2 c a
    @父家: f w2 hb
";

const PARTNERS: &str = "
    h 男 1960 父 *
    p1 女 1958 前妻一
    p2 女 1963 前妻二
    p3 女 1975 现任
    c1 男 1981 长子
    c2 女 1984 长女
    c3 男 1991 次子
    c4 女 1994 次女
    c5 男 2006 幼子
    e ? ? 胎儿 胎儿
    b ? 2008 引产 引产
    d 女 2009 死产 死产
    q 男 1957 前夫
    ~a h p1 婚姻 1980-1988 离婚
    ~b h p2 婚姻 1990-2001 离婚
    ~c h p3 婚姻 2004 现存
    ~z p1 q 同居 1990-1999 分居
    >a: c1 c2
    >b: c3 c4
    >c: c5 b d e
    -h c1 冲突
    -h c5 关注
    -p1 h 断绝
";

const TIES: &str = "
    f 男 1970 父
    m 女 1972 母
    a 男 1995 长子
    b 女 1997 长女
    c 男 2000 案主 *
    d 女 2003 幼女
    ~u f m 婚姻 1994-2015 分居
    >u: a b c d
    -f m 冲突
    -f a 亲密
    -f c 伤害 身体
    -m c 非常亲密
    -m d 关注
    -b f 断绝
    -c d 纠缠
    -a d 疏远
";

const ONE_PARENT: &str = "
    g 女 1950 外祖母
    m 女 1978 母
    u 男 1980 舅舅
    b 男 1999 哥哥
    c 女 2008 案主 *
    z ? 2010 寄养儿
    n 女 1960 邻居
    >=g: m u
    >=m: b c z(寄养)
    -g c 非常亲密
    -n c 亲密
    @家: g m c z
";

/// Four generations, forty people.
const FORTY: &str = "
    a1 男 1915-1980 曾祖父
    a2 女 1918-1995 曾祖母
    a3 男 1917-1990 外曾祖父
    a4 女 1920-2001 外曾祖母
    b1 男 1938-2010 祖父
    b2 女 1941 祖母
    b3 男 1943 叔公
    b4 女 1946 叔婆
    b5 女 1949 姑婆
    b6 男 1940-2018 外祖父
    b7 女 1943 外祖母
    b8 女 1947 姨婆
    b9 男 1945 姨公
    c1 男 1960 大伯
    c2 女 1962 大伯母
    c3 女 1964 大姑
    c4 男 1961 大姑父
    c5 男 1967 父
    c6 女 1969 母
    c7 男 1971 叔叔
    c8 男 1970 堂叔
    c9 女 1974 堂姑
    c10 男 1972 大舅
    c11 女 1973 大舅母
    c12 女 1976 小姨
    c13 男 1972 表舅
    d1 男 1985 堂兄
    d2 女 1988 堂姐
    d3 男 1988 表兄
    d4 女 1991 表姐
    d5 女 1992 姐姐
    d6 男 1991 姐夫
    d7 男 1995 案主 *
    d8 女 1996 妻子
    d9 男 1999 弟弟
    d10 男 1998 表弟一
    d11 男 2001 表弟二
    d12 女 2004 表妹
    e1 男 2017 外甥
    e2 女 2022 女儿
    ~u1 a1 a2 婚姻 1937-1980 丧偶
    ~u2 a3 a4 婚姻 1939-1990 丧偶
    ~u3 b1 b2 婚姻 1959-2010 丧偶
    ~u4 b3 b4 婚姻 1968 现存
    ~u5 b6 b7 婚姻 1970-2018 丧偶
    ~u6 b9 b8 婚姻 1970 现存
    ~u7 c1 c2 婚姻 1984 现存
    ~u8 c4 c3 婚姻 1987-2003 离婚
    ~u9 c5 c6 婚姻 1991 现存
    ~u10 c10 c11 婚姻 1997 现存
    ~u11 d6 d5 婚姻 2015 现存
    ~u12 d7 d8 婚姻 2020 现存
    >u1: b1 b3 b5
    >u2: b7 b8
    >u3: c1 c3 c5 c7
    >u4: c8 c9
    >u5: c6 c10 c12
    >u6: c13
    >u7: d1 d2
    >u8: d3 d4
    >u9: d5 d7 d9
    >u10: d10 d11 d12
    >u11: e1
    >u12: e2
    -d7 c5 疏远
    -d7 b2 亲密
    -d7 d5 非常亲密
    -c5 c1 断绝
    -c6 b7 纠缠
    @案主家: d7 d8 e2
    @父母家: c5 c6 d9 b2
";

/// The worked example of a baseline.
pub(crate) fn ab_series() -> super::baseline::Series {
    use super::baseline::{Measurement, Phase, Series};
    let phase = |phase: Phase, values: &[i64], from: usize| {
        let one = move |(i, v): (usize, &i64)| Measurement { time: format!("第{}周", from + i), value: Some((*v).into()), phase };
        values.iter().enumerate().map(one).collect::<Vec<_>>()
    };
    let mut points = phase(Phase::Before, &[8, 9, 7, 8, 9], 1);
    points.extend(phase(Phase::During, &[7, 6, 5, 5, 4, 3, 3, 2], 6));
    Series { measure: "每周发脾气次数".into(), unit: "次".into(), better: crate::rulebook::measure::Better::Lower, points }
}

/// The worked example of goals, one dropped and one unrated more.
pub(crate) fn goal_lines() -> Vec<super::goals::GoalLine> {
    use crate::rulebook::measure::Goal;
    let line = |label: &str, weight: i64, start: i64, end: Option<i64>, dropped: bool| super::goals::GoalLine {
        label: label.into(),
        goal: Goal { weight, start: Some(start), end, dropped },
    };
    vec![
        line("O1 与父亲发生争执时能先离开现场冷静", 3, -1, Some(0), false),
        line("O2 每周按时上学四天以上", 2, -2, Some(1), false),
        line("O3 每天与姐姐通话一次", 1, -1, Some(-1), false),
        line("O4 参加社区篮球队", 1, -1, Some(-2), true),
        line("O5 学会记录情绪日记并在会谈中讨论其中的触发事件", 1, -2, None, false),
    ]
}

pub(crate) fn bars() -> super::bar::Bars {
    use super::bar::{Bar, Bars};
    let bar = |label: &str, value: i64| Bar { label: label.into(), values: vec![Some(value.into())] };
    Bars {
        unit: "个案数".into(),
        category: "问题".into(),
        parts: vec!["个案数".into()],
        bars: vec![bar("亲子沟通", 23), bar("学业适应", 17), bar("情绪困扰", 12), bar("经济困难", 9), bar("其他", 0)],
    }
}

pub(crate) fn stacked() -> super::bar::Bars {
    use super::bar::{Bar, Bars};
    let bar = |label: &str, values: [i64; 4]| Bar { label: label.into(), values: values.iter().map(|v| Some((*v).into())).collect() };
    Bars {
        unit: "人次".into(),
        category: "季度".into(),
        parts: ["个案", "小组", "社区", "转介"].map(String::from).into(),
        bars: vec![
            bar("第一季度", [40, 25, 60, 5]),
            bar("第二季度", [52, 31, 48, 9]),
            bar("第三季度", [47, 12, 75, 3]),
            bar("第四季度", [61, 28, 66, 14]),
        ],
    }
}

/// An ecomap with systems of all qualities, with or without the family in its centre.
pub(crate) fn ecomap(with_family: bool) -> super::ecomap::Ecomap {
    use super::ecomap::{Domain, Ecomap, Flow, Quality, System, Tie};
    let system = |id: &str, label: &str, domain: Domain, importance: i64| System {
        id: id.into(),
        label: label.into(),
        domain,
        importance: Some(importance),
    };
    let tie = |system: &str, who: &str, quality: Quality, flow: Flow, note: &str| Tie {
        system: system.into(),
        who: (!who.is_empty()).then(|| who.into()),
        quality,
        flow,
        note: note.into(),
    };
    let family = read(
        "f 男 1968 父
         s1 女 1993 姐
         c 男 2010 案主 *
         w2 女 1980 继母
         ~u2 f w2 同居 2021 现存
         >=f: s1 c",
    );
    Ecomap {
        centre: "案主家庭".into(),
        family: with_family.then_some(family),
        systems: vec![
            system("rel", "舅舅家", Domain::Family, 2),
            system("sch", "学校", Domain::Education, 3),
            system("fac", "父亲的工厂", Domain::Work, 2),
            system("hos", "医院精神科", Domain::Health, 2),
            system("nei", "邻里", Domain::Community, 1),
            system("com", "社区党群服务中心", Domain::Community, 3),
            system("civ", "民政", Domain::Services, 1),
            system("ball", "篮球队", Domain::Leisure, 2),
            system("debt", "债主", Domain::Economy, 2),
        ],
        ties: vec![
            tie("rel", "c", Quality::Broken, Flow::None, "2021年起不来往"),
            tie("sch", "c", Quality::Stress, Flow::Both, "缺课"),
            tie("sch", "f", Quality::Normal, Flow::In, ""),
            tie("fac", "f", Quality::Normal, Flow::Both, "轮班"),
            tie("hos", "c", Quality::Weak, Flow::In, "未复诊"),
            tie("nei", "w2", Quality::Normal, Flow::None, ""),
            tie("com", "", Quality::Strong, Flow::In, ""),
            tie("civ", "", Quality::Weak, Flow::In, "临时救助"),
            tie("ball", "c", Quality::Strong, Flow::Both, ""),
            tie("debt", "f", Quality::Stress, Flow::Out, "每月还款"),
        ],
    }
}

/// A network of fifteen.
pub(crate) fn network() -> Vec<super::network::Member> {
    use crate::rulebook::measure::{Contact, Direction, Sector};
    use Direction::{Both, Given, Received};
    use Sector::{Clubs, Friends, Household, Neighbours, Relatives, Services, WorkOrSchool};
    let people = [
        ("父", Household, 1, 3, 2, Both),
        ("继母", Household, 1, 2, 1, Received),
        ("姐", Relatives, 3, 1, 3, Both),
        ("外祖母", Relatives, 3, 1, 3, Received),
        ("舅舅", Relatives, 1, 3, 1, Received),
        ("班主任", WorkOrSchool, 2, 2, 2, Received),
        ("同桌", WorkOrSchool, 2, 1, 2, Both),
        ("体育老师", WorkOrSchool, 1, 1, 1, Received),
        ("队长", Clubs, 2, 1, 2, Both),
        ("好友甲", Friends, 3, 1, 3, Both),
        ("好友乙", Friends, 2, 2, 3, Given),
        ("网友", Friends, 2, 1, 2, Both),
        ("楼下阿姨", Neighbours, 1, 1, 1, Received),
        ("社工", Services, 3, 1, 2, Received),
        ("医生", Services, 1, 1, 1, Received),
    ];
    let member = |(i, (label, sector, emotional, criticism, closeness, direction)): (usize, (&str, Sector, i64, i64, i64, Direction))| {
        super::network::Member {
            id: format!("N{}", i + 1),
            label: label.into(),
            contact: Contact {
                sector,
                emotional: Some(emotional),
                criticism: Some(criticism),
                closeness: Some(closeness),
                direction: Some(direction),
            },
            practical: Some(2),
            advice: Some(1),
            frequency: Some(3),
            known: Some(3),
        }
    };
    people.into_iter().enumerate().map(member).collect()
}

/// Writes a drawing to look at: `figures/` in the temporary folder.
pub(crate) fn write(name: &str, svg: &str) {
    let folder = std::env::temp_dir().join("figures/out");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name).with_extension("svg"), svg).unwrap();
}

#[test]
#[ignore = "writes drawings to look at"]
fn write_charts() {
    use super::{bar, baseline, goals};
    let out = |name: &str, svg: Option<String>| write(name, &svg.unwrap());
    use super::{ecomap as eco, network as net};
    let all = eco::Words::read(zh);
    out("ecomap", eco::draw(&ecomap(false), &caption("系统图"), &all, &words()));
    out("ecomap-family", eco::draw(&ecomap(true), &caption("系统图"), &all, &words()));
    out("network", net::draw(&network(), "案主", "社会网络图", "", &net::Words::read(zh)));
    out("baseline", baseline::draw(&ab_series(), "基线图", "", &baseline::Words::read(zh)));
    out("goals", goals::draw(&goal_lines()[..3], "目标图", "", &goals::Words::read(zh)));
    out("goals-open", goals::draw(&goal_lines(), "目标图", "", &goals::Words::read(zh)));
    out("bar", bar::draw(&bars(), "个案问题分布", ""));
    out("stacked", bar::draw(&stacked(), "服务人次", ""));
}
