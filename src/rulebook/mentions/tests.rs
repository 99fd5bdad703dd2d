use super::super::identities::{respelled, sample::identity};
use super::super::value::Value;
use super::*;

fn mentions(values: &[&str]) -> Mentions {
    Mentions::of(values.iter().map(|value| identity(value, 2)).collect(), &Rulebook::default(), &[])
}

/// What is found in a text, as it stands there.
fn found<'t>(mentions: &Mentions, text: &'t str) -> Vec<&'t str> {
    mentions.find(text, 0).iter().map(|mention| &text[mention.span.start..mention.span.end]).collect()
}

#[test]
fn names_are_found_however_they_are_written() {
    let mentions = mentions(&["陈静", "欧阳小测", "13800000001", "a.chen@example.org", "1951-04-02", "Anna Li"]);
    for (text, wanted) in [
        ("今天陈静来了", &["陈静"][..]),
        ("陳靜、歐陽小測", &["陳靜", "歐陽小測"]),
        ("陈 静，陈·静，陈\u{200B}静，**陈**静", &["陈 静", "陈·静", "陈\u{200B}静", "陈**静"]),
        ("欧，阳小测", &["欧，阳小测"]),
        ("电话 138-0000-0001 或１３８０００００００１", &["138-0000-0001", "１３８０００００００１"]),
        ("A.CHEN@example.org", &["A.CHEN@example.org"]),
        ("生于1951.04.02", &["1951.04.02"]),
        ("anna li", &["anna li"]),
        // Not these: a full stop between, part of a longer number, part of a name.
        ("姓陈。静坐；小测；欧阳", &[]),
        ("8138000000012", &[]),
        ("陈先生静静", &[]),
        ("陈 ……………… 静", &[]),
    ] {
        assert_eq!(found(&mentions, text), wanted, "{text}");
    }
}

#[test]
fn days_are_found_in_all_the_ways_in_which_people_write_them() {
    let of = |day: &str| {
        let value = Value::Date(day.parse().unwrap());
        let spelled = respelled(&value).into_iter().map(|value| Identity { respelled: true, ..identity(&value, 2) });
        let all: Vec<Identity> = spelled.chain([identity(day, 2)]).collect();
        Mentions::of(all, &Rulebook::default(), &[])
    };
    let early = of("1951-04-02");
    for (text, wanted) in [
        ("生于1951年4月2日。", &["1951年4月2日"][..]),
        ("1951年04月02日、1951 年 4 月 2 号", &["1951年04月02日", "1951 年 4 月 2 号"]),
        ("１９５１年４月２日", &["１９５１年４月２日"]),
        ("1951.4.2，1951/4/2，1951-4-2", &["1951.4.2", "1951/4/2", "1951-4-2"]),
        ("１９５１.４.２", &["１９５１.４.２"]),
        ("1951.04.02，19510402，1951/04/02", &["1951.04.02", "19510402", "1951/04/02"]),
        // Another day, part of a longer number, a number of the same figures.
        ("1951年4月20日，1951.4.20，11951.4.2，195142，19,51.42，1951年的4月2日", &[]),
    ] {
        assert_eq!(found(&early, text), wanted, "{text}");
    }
    assert_eq!(found(&of("1951-12-25"), "1951年12月25日 1951.12.25 1951-12-25"), ["1951年12月25日", "1951.12.25", "1951-12-25"]);
    assert!(respelled(&Value::Text("1951-04-02".into())).is_empty());
}

#[test]
fn what_overlaps_is_one_mention_of_whom_more_is_said() {
    let mentions = mentions(&["陈小明", "小明明白", "小明"]);
    assert_eq!(found(&mentions, "陈小明明白。小明"), ["陈小明明白", "小明"]);
    let one = mentions.find("陈小明明白", 0);
    assert_eq!(mentions.identity(one[0].value).value, "小明明白");
}

#[test]
fn readers_who_may_know_are_told() {
    let mentions = Mentions::of(vec![identity("陈静", 1), identity("陈静", 2), identity("李四四", 1)], &Rulebook::default(), &[]);
    assert_eq!(mentions.find("陈静李四四", 0).len(), 2);
    assert_eq!(mentions.find("陈静李四四", 1).len(), 1, "who is secret anywhere is secret everywhere");
    assert!(mentions.find("陈静李四四", 2).is_empty());
}

#[test]
fn what_tells_nobody_from_others_is_not_looked_for() {
    let all = ["报", "", " ", "……", "V12", "居委会", "小明"].map(|value| identity(value, 2)).to_vec();
    let mentions = Mentions::of(all, &Rulebook::default(), &["家属、居委会、其他"]);
    assert_eq!(mentions.len(), 1);
    assert_eq!(found(&mentions, "报 V12 居委会 小明"), ["小明"]);
    assert!(Mentions::of(Vec::new(), &Rulebook::default(), &[]).find("陈静", 0).is_empty());
}

/// Ten thousand relatives, each of whose names is the beginning or the middle of others, in a text of a hundred thousand names.
#[test]
fn many_names_in_a_long_text_are_found_in_one_pass() {
    let han = |n: u32| char::from_u32(0x4E00 + n).unwrap_or('一');
    let names: Vec<String> = (0..10_000).map(|n| [han(n % 100), han(200 + n / 100), han(400 + n % 7)].iter().collect()).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let mentions = mentions(&all);
    assert_eq!(mentions.len(), 10_000);
    let text: String = (0..10).flat_map(|_| names.iter().map(|name| format!("{name}，"))).collect();
    assert_eq!(mentions.find(&text, 0).len(), 100_000);
}

/// Names that are the beginnings of each other, in a text that is nothing but beginnings: one mention, not one for each pair.
#[test]
fn nested_names_are_one_mention() {
    let names: Vec<String> = (2..200).map(|n| "甲".repeat(n)).collect();
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = "甲".repeat(20_000);
    let found = mentions(&all).find(&text, 0);
    assert_eq!(found.iter().map(|mention| mention.span).collect::<Vec<_>>(), [Span::new(0, text.len())]);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever is written and whoever is known: spans are in order, apart, and on the borders of characters; and once
        /// they are cut out no name is left as it was written.
        #[test]
        fn mentions_cover_every_name(
            names in proptest::collection::vec("[甲乙丙丁a1]{0,5}", 0..8),
            text in "[甲乙丙丁a1 ·。陳\u{3000}ａ]{0,40}",
        ) {
            let all: Vec<&str> = names.iter().map(String::as_str).collect();
            let mentions = mentions(&all);
            let (mut rest, mut at) = (String::new(), 0);
            for mention in mentions.find(&text, 0) {
                prop_assert!(mention.span.start >= at && mention.span.end > mention.span.start);
                rest.push_str(&text[at..mention.span.start]);
                rest.push('※');
                at = mention.span.end;
            }
            rest.push_str(&text[at..]);
            for name in names.iter().filter(|name| telling(name) && !name.is_ascii()) {
                prop_assert!(!rest.contains(name.as_str()), "{name} is left in {rest}");
            }
        }
    }
}
