//! A small archive as views: one dossier in full, others as rows, duties in every state.

use super::super::markdown;
use super::super::view::*;
use super::DossierPages;
use super::{Page, Pages, Sheet, url};

pub fn frame() -> Frame {
    Frame {
        organisation: "深圳市南山区晴朗社会工作服务中心".into(),
        site_title: "个案与活动服务档案".into(),
        language: "zh".into(),
        audience: "保密".into(),
        highest: true,
        procedure: "SLFWGL-009".into(),
        procedure_title: "服务标准与流程指引".into(),
        edition: Some("2019年7月修订版".into()),
        live: false,
        notices: vec!["日历缺少 2027 年的节假日安排，跨年的期限为暂定。".into()],
    }
}

fn text(words: &str) -> String {
    words.into()
}

fn some(words: &str) -> Option<String> {
    Some(words.into())
}

fn link(words: &str, url: impl Into<String>) -> Link {
    Link { text: words.into(), url: Some(url.into()) }
}

fn form_link(code: &str, name: &str) -> Link {
    link(&format!("{code} {name}"), format!("forms/{code}.html"))
}

fn rule_link(id: &str) -> Link {
    link(id, format!("rules/{id}.html"))
}

fn article(number: &str) -> Link {
    link(&format!("第{number}条"), format!("articles/{number}.html"))
}

fn dossier_link(number: &str) -> Link {
    link(number, format!("dossiers/{number}.html"))
}

fn record_link(id: &str) -> Link {
    link(id, format!("records/{id}.html"))
}

fn badge(words: &str, class: &'static str, title: &str) -> Badge {
    Badge { text: words.into(), class, title: title.into() }
}

struct Duty {
    rule: &'static str,
    article: &'static str,
    title: &'static str,
    subject: &'static str,
    owner: &'static str,
    state: (&'static str, &'static str),
    due: Option<&'static str>,
    left: Option<i64>,
    facts: &'static [&'static str],
    help: &'static str,
}

fn duty(duty: Duty) -> ObligationView {
    let (dossier, form) = duty.subject.split_once('/').unwrap_or((duty.subject, ""));
    ObligationView {
        rule: rule_link(duty.rule),
        title: duty.title.into(),
        article: Some(article(duty.article)),
        subject: if form.is_empty() { dossier_link(dossier) } else { record_link(duty.subject) },
        form: (!form.is_empty()).then(|| form.to_owned()),
        dossier: Some(dossier_link(dossier)),
        project: dossier.split('-').next().map(str::to_owned),
        owner: (!duty.owner.is_empty()).then(|| duty.owner.to_owned()),
        state: badge(duty.state.0, duty.state.1, ""),
        due: duty.due.map(str::to_owned),
        left: duty.left,
        provisional: duty.due.is_some_and(|day| day > "2027"),
        facts: duty.facts.iter().map(|fact| text(fact)).collect(),
        help: (!duty.help.is_empty()).then(|| duty.help.to_owned()),
        proposed: duty.rule.starts_with('X'),
    }
}

pub fn overdue() -> Vec<ObligationView> {
    vec![
        duty(Duty {
            rule: "R31-3a",
            article: "31.3",
            title: "开案记录表在首次面谈结束后 5 个工作日内提交",
            subject: "NS-C2026-003/C03",
            owner: "李娜",
            state: ("逾期", "bad"),
            due: Some("2026-06-16"),
            left: Some(-9),
            facts: &[
                "自首次面谈结束日 2026-06-09 起，当日不计",
                "数法：06-10、06-11、06-12、06-15、06-16，共 5 个工作日",
                "06-13、06-14 为周末",
                "至今没有内容齐备的提交",
            ],
            help: "提交 C03 并请初级督导审批；确有例外，按第四十八条登记豁免。",
        }),
        duty(Duty {
            rule: "A31-3",
            article: "31.3",
            title: "开案由初级督导或以上审批",
            subject: "NS-C2026-001/C03",
            owner: "王芳",
            state: ("失效", "bad"),
            due: None,
            left: None,
            facts: &["2026-03-12 由王芳（初级督导）审批，合并 4be10c2", "其后 2026-04-02 改动：开案日期、服务类别"],
            help: "就改动后的版本重新审批。",
        }),
        duty(Duty {
            rule: "R42-1",
            article: "42",
            title: "小组每节小结记录表于活动后 2 天内提交",
            subject: "NS-G2026-001/G07-04",
            owner: "陈嘉文",
            state: ("逾期", "bad"),
            due: Some("2026-06-28"),
            left: Some(-2),
            facts: &["自 2026-06-26 起 2 天（日历日）"],
            help: "提交 G07-04。",
        }),
    ]
}

pub fn due_soon() -> Vec<ObligationView> {
    vec![
        duty(Duty {
            rule: "R35-1",
            article: "35",
            title: "活动计划书与经费预算至少在活动前两周报审",
            subject: "XL-A2026-004",
            owner: "周敏",
            state: ("今日到期", "soon"),
            due: Some("2026-06-30"),
            left: Some(0),
            facts: &["活动开始 2026-07-14，向前 14 天"],
            help: "提交 A01 与 A02。",
        }),
        duty(Duty {
            rule: "R31-3b",
            article: "31.3",
            title: "开案后 10 个工作日内首次约见案主",
            subject: "XL-C2026-007/C03",
            owner: "黄志强",
            state: ("将到期", "soon"),
            due: Some("2026-07-02"),
            left: Some(2),
            facts: &["自开案日期 2026-06-18 起 10 个工作日", "06-19 为端午节"],
            help: "约见后填写 C07。",
        }),
    ]
}

pub fn waiting() -> Vec<ObligationView> {
    vec![duty(Duty {
        rule: "A32-1",
        article: "32.1",
        title: "结案报告由督导批复",
        subject: "NS-C2025-019/C13",
        owner: "赵文博",
        state: ("待审批", "wait"),
        due: None,
        left: None,
        facts: &["2026-06-29 17:20 提交，进入主分支 2026-06-29 17:31"],
        help: "由督导审阅并合并。",
    })]
}

pub fn open() -> Vec<ObligationView> {
    let mut list: Vec<_> = [
        ("R32-1a", "32.1", "达成目标后 3 个工作日内完成结案报告", "NS-C2026-002/C13", "李娜", "2026-07-08", 6),
        ("R27-2", "27", "结案后三个月内至少跟进一次", "NS-C2025-017/C11", "黄志强", "2026-08-14", 32),
        ("R44-1", "44", "服务结束后 10 个工作日内向项目主管与购买方提交总结", "XL-G2026-002", "周敏", "2026-09-04", 47),
        ("X12-3", "12.3", "介入计划每六个月检视一次", "NS-C2026-003/C06", "李娜", "2027-01-05", 128),
    ]
    .into_iter()
    .map(|(rule, article, title, subject, owner, due, left)| {
        duty(Duty {
            rule,
            article,
            title,
            subject,
            owner,
            state: ("进行中", "wait"),
            due: Some(due),
            left: Some(left),
            facts: &["期限按工作日历计算"],
            help: "",
        })
    })
    .collect();
    list.push(ObligationView { owner: None, ..list[1].clone() });
    list
}

fn demands() -> Vec<Demand> {
    let demand = |duty: ObligationView| Demand {
        rule: duty.rule,
        title: duty.title,
        article: duty.article.unwrap_or_default(),
        proposed: duty.proposed,
    };
    met().into_iter().map(demand).collect()
}

fn settled(duties: Vec<ObligationView>) -> SettledView {
    let rule = |duty: &ObligationView| SettledRule {
        demand: demands().iter().position(|demand| demand.rule.text == duty.rule.text).unwrap_or_default(),
        records: Vec::new(),
        cases: vec![SettledCase {
            record: Some(duty.subject.clone()),
            owner: duty.owner.clone(),
            due: duty.due.clone(),
            provisional: duty.provisional,
            facts: duty.facts.clone(),
        }],
        more: 0,
    };
    let mut view = SettledView::default();
    duties.iter().for_each(|duty| view.add(duty.state.clone(), rule(duty)));
    view
}

fn met() -> Vec<ObligationView> {
    vec![
        duty(Duty {
            rule: "R31-3c",
            article: "31.3",
            title: "知情同意书在开案前签署",
            subject: "NS-C2026-003/C04",
            owner: "李娜",
            state: ("已办", "good"),
            due: Some("2026-06-10"),
            left: None,
            facts: &["签署日 2026-06-09 不晚于开案日期 2026-06-10"],
            help: "",
        }),
        duty(Duty {
            rule: "R30-1",
            article: "30",
            title: "咨询后 5 个工作日内告知是否开案",
            subject: "NS-C2026-003/C02",
            owner: "李娜",
            state: ("迟办", "soon"),
            due: Some("2026-06-08"),
            left: None,
            facts: &["告知日期 2026-06-09，迟 1 个工作日"],
            help: "",
        }),
        duty(Duty {
            rule: "R31-3d",
            article: "31.3",
            title: "危机个案即时报告督导",
            subject: "NS-C2026-003/C03",
            owner: "",
            state: ("不适用", "none"),
            due: None,
            left: None,
            facts: &["危机块.等级不是高或极高"],
            help: "",
        }),
    ]
}

pub fn finding(code: &str, severity: &'static str, message: &str, record: &str, line: usize) -> FindingView {
    let number = record.split('/').next().unwrap_or_default();
    let form = record.split('/').nth(1).unwrap_or_default();
    FindingView {
        code: if code.starts_with(['R', 'A', 'X']) && code.contains('-') { rule_link(code) } else { Link { text: code.into(), url: None } },
        severity,
        message: message.into(),
        path: format!("cases/{number}/{form}.md"),
        line,
        subject: record_link(record),
        facts: if severity == "error" {
            vec![text("依据：第三十一条（三）"), text("栏目「首次面谈结束日」为 2026-06-09")]
        } else {
            vec![]
        },
        help: (severity != "advice").then(|| text("改正后重新提交；确有例外，按第四十八条登记豁免。")),
    }
}

fn findings() -> Vec<FindingView> {
    let mut list = vec![
        finding("R31-3a", "error", "开案记录表逾期提交：应于 2026-06-16 前，至今逾期 9 个工作日", "NS-C2026-003/C03", 6),
        finding("F101", "error", "必填栏目「紧急联系人」没有填", "NS-C2026-003/C03", 2),
        finding("F205", "warning", "「出生日期」应写成 1951-04-02（现在是“1951年4月2日”）", "NS-C2026-003/C02", 9),
        finding("X12-3", "advice", "目标 O2 没有写衡量指标", "NS-C2026-003/C06", 31),
    ];
    for nth in 1..9 {
        list.push(finding("F209", "warning", &format!("日期晚于今天（第 {nth} 处）"), "NS-C2026-003/C07-01", nth));
    }
    list
}

fn event(when: &str, who: &str, role: &str, kind: &'static str, what: &str, record: &str, commit: &str) -> EventView {
    EventView {
        when: when.into(),
        who: who.into(),
        role: (!role.is_empty()).then(|| role.to_owned()),
        kind,
        what: what.into(),
        subject: record_link(record),
        more: Vec::new(),
        commit: commit.into(),
        summary: match kind {
            "approved" => "Merge pull request #41 from lina/ns-c2026-003".into(),
            _ => format!("{record}：{what}"),
        },
        changes: vec![],
    }
}

fn change(name: &str, from: Option<&str>, to: Option<&str>) -> ChangeView {
    let parts = from.zip(to).map(|(from, to)| crate::publish::view::parts(from, to)).unwrap_or_default();
    ChangeView { name: name.into(), from: from.map(str::to_owned), to: to.map(str::to_owned), parts }
}

fn timeline() -> Vec<EventView> {
    vec![
        event("2026-06-04 10:12", "李娜", "社工", "created", "新建记录", "NS-C2026-003/C02", "1f0c9a2"),
        event("2026-06-09 16:48", "李娜", "社工", "created", "新建记录", "NS-C2026-003/C04", "77ab012"),
        EventView {
            changes: vec![
                change("开案日期", Some("2026-06-09"), Some("2026-06-10")),
                change("服务类别", Some(""), Some("老人（60岁以上）")),
                change("联系电话", None, None),
                change("§问题界定", Some("子女不在身边，生活无人照料。"), Some("独居，三餐不规律；与长子就赡养费有分歧，近两月未联系。")),
            ],
            ..event("2026-06-11 09:30", "李娜", "社工", "changed", "修改 4 处", "NS-C2026-003/C03", "c0ffee1")
        },
        event("2026-06-11 11:05", "王芳", "初级督导", "entered", "进入主分支", "NS-C2026-003/C03", "9c41f07"),
        event("2026-06-11 11:05", "王芳", "初级督导", "approved", "审批（合并说明中的署名）", "NS-C2026-003/C03", "9c41f07"),
        event("2026-06-20 08:57", "temp@example.org", "", "removed", "删除记录", "NS-C2026-003/C07-01", "0badcaf"),
    ]
}

fn counts(error: usize, warning: usize, advice: usize) -> Counts {
    Counts { error, warning, advice }
}

fn record_row(id: &str, form: (&str, &str), filled: &str, approval: Badge, counts: Counts) -> RecordRow {
    RecordRow {
        link: record_link(id),
        form: form_link(form.0, form.1),
        filled_on: some(filled),
        worker: some("李娜"),
        approval,
        counts,
        uncommitted: id.ends_with("C07-02"),
        paper: (!id.ends_with("C07-02")).then(|| format!("papers/{id}.pdf")),
    }
}

fn none_needed() -> Badge {
    badge("无须审批", "none", "规则手册没有要求审批这张表单。")
}

pub fn record_rows() -> Vec<RecordRow> {
    let approved = || badge("已审批 · 署名", "good", "王芳（初级督导）在合并说明中署名，2026-06-11 11:05。");
    vec![
        record_row("NS-C2026-003/C02", ("C02", "个案咨询记录表"), "2026-06-04", none_needed(), counts(0, 1, 0)),
        record_row("NS-C2026-003/C03", ("C03", "个案开案记录表"), "2026-06-10", badge("其后有改动", "bad", ""), counts(2, 0, 1)),
        record_row("NS-C2026-003/C04", ("C04", "个案辅导知情同意书"), "2026-06-09", none_needed(), counts(0, 0, 0)),
        record_row("NS-C2026-003/C05", ("C05", "个案家庭图"), "2026-06-12", none_needed(), counts(0, 0, 0)),
        record_row("NS-C2026-003/C06", ("C06", "个案介入计划表"), "2026-06-17", badge("待审批", "wait", ""), counts(0, 0, 1)),
        record_row("NS-C2026-003/C07-01", ("C07", "个案会谈记录表"), "2026-06-18", none_needed(), counts(0, 8, 0)),
        record_row("NS-C2026-003/C07-02", ("C07", "个案会谈记录表"), "2026-06-25", none_needed(), counts(0, 0, 0)),
        record_row("NS-C2026-003/C09", ("C09", "个案督导记录表"), "2026-06-26", approved(), counts(0, 0, 0)),
    ]
}

fn field(name: &str, kind: &str, group: &str, value: ValueView) -> FieldView {
    FieldView {
        name: name.into(),
        kind: kind.into(),
        group: (!group.is_empty()).then(|| group.to_owned()),
        note: None,
        unit: None,
        required: false,
        computed: false,
        wide: value.is_wide(),
        value,
        findings: vec![],
    }
}

fn words(words: &str) -> ValueView {
    ValueView::Text { text: words.into() }
}

fn choice(options: &str, chosen: &[&str]) -> ValueView {
    let options = options.split('/').map(|name| name.trim());
    ValueView::Choice { options: options.map(|name| OptionView { name: name.into(), chosen: chosen.contains(&name) }).collect() }
}

fn table(columns: &[(&str, &str)], rows: &[&[&str]]) -> ValueView {
    ValueView::Table {
        columns: columns.iter().map(|(name, kind)| ColumnView { name: text(name), kind: text(kind) }).collect(),
        rows: rows
            .iter()
            .map(|row| row.iter().map(|cell| if cell.is_empty() { ValueView::Empty } else { words(cell) }).collect())
            .collect(),
    }
}

const ISSUES: &str = "情绪与压力/亲子与家庭关系/婚姻与恋爱/就业与生计/经济困难/照顾负担/健康与康复/养老与独居/其他";

fn fields() -> Vec<FieldView> {
    let must = |field: FieldView| FieldView { required: true, ..field };
    let (base, client, state) = ("开案资料", "案主资料", "状况");
    let mut list = vec![
        must(field("填表日期", "date", "", words("2026-06-10"))),
        must(field("负责社工", "person", "", words("李娜"))),
        must(field("个案编号", "text", base, words("NS-C2026-003"))),
        must(field("咨询记录", "ref", base, ValueView::Link { link: record_link("NS-C2026-003/C02") })),
        FieldView { computed: true, ..must(field("首次面谈结束日", "date", base, words("2026-06-09"))) },
        FieldView { note: some("双方同意跟进之日"), ..must(field("开案日期", "date", base, words("2026-06-10"))) },
        must(field("来源", "choice", base, choice("主动求助（自愿）/他人转介（非自愿）/社工外展", &["他人转介（非自愿）"]))),
        field("转介单位", "text", base, words("粤海街道海珠社区党群服务中心（社区网格员在探访中发现，电话转介）")),
        must(field(
            "服务类别",
            "multichoice",
            base,
            choice(
                "老人（60岁以上）/儿童（6-18岁）/青少年（6-18岁）/家长/社区女性/外来务工人员/家庭/残疾人/其他有需要人群",
                &["老人（60岁以上）", "家庭"],
            ),
        )),
        must(field("案主姓名", "text", client, words("陈秀英"))),
        must(field("案主代号", "text", client, words("案主-003"))),
        must(field("性别", "choice", client, choice("男/女/未知", &["女"]))),
        must(field("出生日期", "date", client, words("1951-04-02"))),
        FieldView { computed: true, unit: some("岁"), ..must(field("年龄", "integer", client, words("75"))) },
        field("证件", "id-card", client, ValueView::Hidden),
        must(field("联系电话", "phone", client, words("0755-2655 0123"))),
        must(field("现住址", "text", client, words("深圳市南山区粤海街道海珠社区文心二路 12 号 3 栋 704 室"))),
        field("婚姻", "choice", client, choice("未婚/已婚/离异/丧偶/分居/同居/不详", &["丧偶"])),
        field("单位或学校", "text", client, ValueView::Empty),
        field("同住情况", "choice", state, choice("独居/与配偶/与子女/其他", &["独居"])),
        field("健康状况", "text", state, words("高血压二级，长期服药；左膝关节炎，上下楼不便。\n2025 年 11 月跌倒一次，未骨折。")),
        must(field("紧急联系人", "table", state, table(&[("姓名", "text"), ("关系", "text"), ("电话", "phone")], &[]))),
        must(field(
            "家庭成员",
            "table",
            state,
            table(
                &[
                    ("称谓", "text"),
                    ("代号", "text"),
                    ("性别", "choice"),
                    ("年龄", "integer"),
                    ("同住", "bool"),
                    ("职业", "text"),
                    ("健康", "text"),
                    ("备注", "text"),
                ],
                &[
                    &["长子", "F1", "男", "52", "否", "货车司机", "良好", "住龙岗，近两月未联系"],
                    &["次女", "F2", "女", "48", "否", "超市理货员", "良好", "每周来电一次，春节回家"],
                    &["孙女", "F3", "女", "19", "否", "在学", "", ""],
                ],
            ),
        )),
        must(field("主要问题", "multichoice", state, choice(ISSUES, &["亲子与家庭关系", "照顾负担", "养老与独居"]))),
        field("拟定会谈频率", "text", state, words("每周一次")),
        field(
            "案主签名",
            "signature",
            state,
            ValueView::Signature {
                name: "陈秀英".into(),
                role: "本人".into(),
                date: "2026-06-10".into(),
                form: "纸质".into(),
                place: "档案室 B 柜 3 层".into(),
            },
        ),
        field("扫描件", "attachment", state, ValueView::Link { link: Link { text: "知情同意书扫描件（2 页）".into(), url: None } }),
    ];
    list[21].findings = vec![finding("F101", "error", "必填栏目「紧急联系人」没有填", "NS-C2026-003/C03", 2)];
    list
}

fn section(name: &str, prose: &str) -> SectionView {
    let blocks = markdown::blocks(prose);
    SectionView {
        name: name.into(),
        guide: some("谁、因何、期望什么"),
        hidden: false,
        html: markdown::html(&blocks),
        blocks,
        findings: vec![],
    }
}

fn sections() -> Vec<SectionView> {
    vec![
        section(
            "求助背景与过程",
            "案主为 75 岁独居老人，丧偶 6 年。2026 年 6 月 3 日，社区网格员在探访中发现其连续两日未下楼买菜，家中仅有稀饭与咸菜，遂联系社工。社工于次日上门，案主起初表示“不用麻烦你们”，在谈及去世的老伴后情绪松动，说出希望“有人说说话，儿子能打个电话回来”。\n\n\
             首次面谈历时 70 分钟。案主说明其每月养老金 3,420 元，房租由次女支付；长子自 2026 年 4 月起因赡养费分担问题与次女争执，此后未再与案主联系。案主**没有**轻生念头，PHQ-9 得分 9 分，属轻度。",
        ),
        section(
            "问题界定",
            "1. 日常照顾不足：三餐不规律，服药常漏。\n2. 家庭沟通中断：长子近两月未联系，案主自责。\n3. 社会支持薄弱：膝痛后不再参加社区合唱队。\n\n> “我不怕一个人吃饭，怕的是没人知道我吃没吃。”",
        ),
        section(
            "能力与优势",
            "- 曾任小学音乐教师，识谱、能弹电子琴；\n- 与同楼层邻居刘阿姨交好，互有备用钥匙；\n- 次女每周来电，愿意分担费用。\n\n| 支持者 | 关系 | 可提供 |\n|---|---|---|\n| 刘阿姨 | 邻居 | 每日照面、代取药 |\n| 社区长者饭堂 | 机构 | 午餐 12 元，可送餐 |",
        ),
        SectionView { html: String::new(), blocks: vec![], ..section("已作努力及未能解决的原因", "") },
        SectionView { hidden: true, html: String::new(), blocks: vec![], ..section("督导意见", "") },
    ]
}

fn signatures() -> Vec<SignatureView> {
    vec![
        SignatureView {
            label: "填表社工".into(),
            kind: "proven",
            name: "李娜".into(),
            role: "社工".into(),
            time: "2026-06-11 09:30".into(),
            commit: "c0ffee1".into(),
            evidence: "提交此版本的人".into(),
        },
        SignatureView {
            label: "初级督导审批".into(),
            kind: "proven",
            name: "王芳".into(),
            role: "初级督导".into(),
            time: "2026-06-11 11:05".into(),
            commit: "9c41f07".into(),
            evidence: "合并说明中的署名，平台未签名".into(),
        },
        SignatureView {
            label: "案主".into(),
            kind: "recorded",
            name: "陈秀英".into(),
            time: "2026-06-10".into(),
            ..SignatureView::default()
        },
        SignatureView { label: "督导阅签".into(), kind: "ink", ..SignatureView::default() },
        SignatureView { label: "见证人".into(), kind: "recorded", ..SignatureView::default() },
    ]
}

fn approvals() -> Vec<ApprovalView> {
    vec![
        ApprovalView {
            class: "bad",
            state: "审批后有改动，须重新审批".into(),
            who: None,
            role: None,
            when: "2026-06-20 09:12".into(),
            commit: "a71d3e0".into(),
            strength: String::new(),
            contributors: vec!["李娜".into()],
            reasons: vec!["直接提交，没有经过合并".into(), "还缺：初级督导 1 人".into()],
            changed: vec!["开案日期".into(), "§问题界定".into()],
        },
        ApprovalView {
            class: "good",
            state: "已审批".into(),
            who: Some(link("王芳", "people/wangfang.html")),
            role: some("初级督导"),
            when: "2026-06-11 11:05".into(),
            commit: "9c41f07".into(),
            strength: "合并说明中的署名".into(),
            contributors: vec!["李娜".into(), "陈嘉文".into()],
            reasons: vec![],
            changed: vec![],
        },
    ]
}

pub fn record(row: RecordRow) -> RecordView {
    let id = row.link.text.clone();
    let rich = id.ends_with("C03");
    let (code, name) = row.form.text.split_once(' ').unwrap_or_default();
    let number = id.split('/').next().unwrap_or_default();
    let about = |duty: &ObligationView| duty.subject.text == id;
    RecordView {
        path: format!("cases/{id}.md"),
        form: code.into(),
        name: name.into(),
        articles: vec![article("31.3"), article("30")],
        dossier: Some(dossier_link(number)),
        project: Some(link("NS 南山长者服务", "dossiers/NS.html")),
        edition: some("2019年7月修订版"),
        unjudged: None,
        fields: fields().into_iter().take(if rich { 99 } else { 19 }).collect(),
        sections: sections().into_iter().take(if rich { 9 } else { 1 }).collect(),
        figures: Vec::new(),
        signatures: signatures(),
        approvals: if rich { approvals() } else { vec![] },
        pending: by_rule(overdue().into_iter().filter(about).collect()),
        settled: settled(met().into_iter().filter(about).collect()),
        settled_there: 1,
        timeline: Excerpt::whole(timeline().into_iter().filter(|event| event.subject.text == id).collect()),
        findings: if rich { vec![findings().remove(0)] } else { vec![] },
        code: Some("7F3K-9QXM".to_owned()),
        commit: some("a71d3e0"),
        digest: some("b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"),
        hidden: 2,
        extracts: Vec::new(),
        paper: PaperView::default(),
        row,
    }
}

pub fn dossier_row(number: &str, kind: &str, title: &str, worker: &str, stage: &str, days: [&str; 3], n: [usize; 3]) -> DossierRow {
    let day = |day: &str| (!day.is_empty()).then(|| day.to_owned());
    DossierRow {
        link: dossier_link(number),
        kind: kind.into(),
        project: number.split('-').next().unwrap_or_default().into(),
        title: day(title),
        worker: some(worker),
        stage: day(stage),
        opened: day(days[0]),
        closed: day(days[1]),
        records: n[0],
        overdue: n[1],
        open: n[2],
        next_due: day(days[2]),
    }
}

pub fn dossier_rows() -> Vec<DossierRow> {
    vec![
        dossier_row("NS-C2025-017", "个案", "案主-017", "黄志强", "结案", ["2025-08-01", "2026-05-14", "2026-08-14"], [14, 0, 1]),
        dossier_row("NS-C2025-019", "个案", "案主-019", "赵文博", "结案", ["2025-10-20", "", ""], [17, 0, 0]),
        dossier_row("NS-C2026-001", "个案", "案主-001", "王海燕", "介入", ["2026-03-09", "", ""], [9, 1, 0]),
        dossier_row("NS-C2026-002", "个案", "案主-002", "李娜", "评估", ["2026-03-30", "", "2026-07-08"], [11, 0, 1]),
        dossier_row("NS-C2026-003", "个案", "案主-003", "李娜", "介入", ["2026-06-10", "", "2026-06-16"], [8, 1, 2]),
        dossier_row("NS-G2026-001", "小组", "“忆起唱”长者合唱小组", "陈嘉文", "实施", ["2026-05-29", "", "2026-06-28"], [12, 1, 0]),
        dossier_row("XL-A2026-004", "活动", "端午邻里集市", "周敏", "", ["", "", "2026-06-30"], [0, 0, 1]),
        dossier_row("XL-C2026-007", "个案", "案主-107", "黄志强", "接案", ["2026-06-18", "", "2026-07-02"], [3, 0, 1]),
        dossier_row("XL-G2026-002", "小组", "新手父母互助小组", "周敏", "总结", ["2026-03-06", "2026-06-26", "2026-09-04"], [15, 0, 1]),
        dossier_row("NS", "项目", "南山长者服务", "何静", "", ["2024-07-01", "", ""], [2, 0, 0]),
        dossier_row("XL", "项目", "香蜜湖家庭服务", "何静", "", ["2025-01-01", "", ""], [2, 0, 0]),
    ]
}

fn dossier(row: DossierRow) -> DossierView {
    let full = row.link.text == "NS-C2026-003";
    let reached = match row.stage.as_deref() {
        Some("介入") => 4,
        Some("结案") => 6,
        Some("评估") => 5,
        _ => 1,
    };
    let stages = ["接案", "预估", "计划", "介入", "评估", "结案"].iter().enumerate();
    let stages = stages.map(|(nth, name)| StageView { name: text(name), reached: nth < reached && nth != 1, current: nth + 1 == reached });
    let number = row.link.text.clone();
    let about = |duty: &ObligationView| duty.dossier.as_ref().is_some_and(|dossier| dossier.text == number);
    DossierView {
        course: None,
        stages: if row.kind == "个案" { stages.collect() } else { vec![] },
        records: Excerpt::whole(if full { record_rows() } else { vec![] }),
        absent: if full { vec![form_link("C12", "个案意见评估表"), form_link("C13", "个案结案报告")] } else { vec![] },
        pending: by_rule(overdue().into_iter().chain(due_soon()).chain(waiting()).chain(open()).filter(about).collect()),
        settled: settled(met().into_iter().filter(about).collect()),
        timeline: Excerpt::whole(if full { timeline() } else { vec![] }),
        findings: Excerpt::whole(if full { findings() } else { vec![] }),
        paper: full.then(|| format!("papers/{number}.pdf")),
        row,
    }
}

fn rule_row(id: &str, number: &str, title: &str, severity: &'static str, kind: &str, n: [usize; 3]) -> RuleRow {
    RuleRow {
        link: rule_link(id),
        title: title.into(),
        article: Some(article(number)),
        severity,
        kind: kind.into(),
        proposed: id.starts_with('X'),
        met: n[0],
        open: n[1],
        bad: n[2],
    }
}

fn rule_rows() -> Vec<RuleRow> {
    vec![
        rule_row("R30-1", "30", "咨询后 5 个工作日内告知是否开案", "error", "期限", [41, 0, 0]),
        rule_row("R31-3a", "31.3", "开案记录表在首次面谈结束后 5 个工作日内提交", "error", "期限", [37, 1, 1]),
        rule_row("R31-3b", "31.3", "开案后 10 个工作日内首次约见案主", "error", "期限", [36, 1, 0]),
        rule_row("R31-3c", "31.3", "知情同意书在开案前签署", "error", "先后", [38, 0, 0]),
        rule_row("R31-3d", "31.3", "危机个案即时报告督导", "error", "期限", [2, 0, 0]),
        rule_row("A31-3", "31.3", "开案由初级督导或以上审批", "error", "审批", [35, 1, 1]),
        rule_row("R32-1a", "32.1", "达成目标后 3 个工作日内完成结案报告", "error", "期限", [20, 1, 0]),
        rule_row("A32-1", "32.1", "结案报告由督导批复", "error", "审批", [20, 1, 0]),
        rule_row("R27-2", "27", "结案后三个月内至少跟进一次", "warning", "间隔", [18, 2, 0]),
        rule_row("R35-1", "35", "活动计划书与经费预算至少在活动前两周报审", "error", "期限", [22, 1, 0]),
        rule_row("R42-1", "42", "小组每节小结记录表于活动后 2 天内提交", "error", "期限", [64, 0, 1]),
        rule_row("R44-1", "44", "服务结束后 10 个工作日内向项目主管与购买方提交总结", "error", "期限", [9, 1, 0]),
        rule_row("X12-3", "12.3", "介入计划每六个月检视一次", "advice", "间隔", [12, 1, 0]),
    ]
}

fn rule(row: RuleRow) -> RuleView {
    let id = row.link.text.clone();
    let of = |duty: &ObligationView| duty.rule.text == id;
    RuleView {
        says: vec![
            "自「首次面谈结束日」次日起数，第 5 个工作日为最后一日。".into(),
            "以记录第一次内容齐备地提交到仓库之日为准；只有声称的日期而没有进入主分支的，单独标明。".into(),
        ],
        help: some("提交 C03 并请初级督导审批。"),
        applies: "每一份 C03 个案开案记录表".into(),
        source: format!(
            "- id: {id}\n  article: '31.3'\n  title: {}\n  applies: {{ form: C03 }}\n  must:\n    deadline: {{ from: 首次面谈结束日, within: 5 working days, until: '@submitted' }}\n  severity: error\n",
            row.title
        ),
        obligations: overdue().into_iter().chain(due_soon()).chain(waiting()).chain(open()).chain(met()).filter(of).collect(),
        total: 1,
        all: None,
        row,
    }
}

fn form(code: &str, name: &str, stage: &str) -> FormView {
    let spec = |name: &str, kind: &str, group: &str, required: &str, values: &str, audience: &str, identifies: &str| FieldSpec {
        name: name.into(),
        kind: kind.into(),
        group: some(group),
        required: required.into(),
        values: values.into(),
        audience: audience.into(),
        identifies: (!identifies.is_empty()).then(|| identifies.to_owned()),
        note: None,
        columns: vec![],
    };
    let of_form = |row: &RecordRow| row.form.text.starts_with(code);
    FormView {
        link: link(code, format!("forms/{code}.html")),
        code: code.into(),
        name: name.into(),
        aliases: if code == "C03" { vec![text("开案记录表")] } else { vec![] },
        dossiers: vec![text("个案")],
        stage: some(stage),
        per: "每个案卷恰好一份".into(),
        nature: "填写".into(),
        filled_by: some("社工"),
        guide: some("首次咨询面谈结束、双方同意开案后 5 个工作日内提交，由初级督导审批。负责社工 10 个工作日内约见案主。"),
        articles: vec![article("31.3")],
        rules: rule_rows().into_iter().filter(|row| row.title.contains("开案") && code == "C03").collect(),
        fields: vec![
            FieldSpec {
                note: some("双方同意跟进之日"), ..spec("开案日期", "日期", "开案资料", "是", "不晚于今天", "内部", "")
            },
            spec(
                "服务类别",
                "多选",
                "开案资料",
                "是",
                "老人（60岁以上） / 儿童（6-18岁） / 青少年（6-18岁） / 家长 / 社区女性 / 外来务工人员 / 家庭 / 残疾人 / 其他有需要人群",
                "内部",
                "",
            ),
            spec("转介单位", "文字", "开案资料", "来源为「他人转介（非自愿）」时", "", "项目组", ""),
            spec("案主姓名", "文字", "案主资料", "是", "200 字以内", "保密", "案主"),
            spec("年龄", "整数", "案主资料", "是", "自动：按出生日期与开案日期计算", "项目组", ""),
            FieldSpec {
                columns: vec![
                    spec("称谓", "文字", "", "是", "", "保密", ""),
                    spec("姓名", "文字", "", "是", "", "保密", "家属"),
                    spec("年龄", "整数", "", "否", "0–120", "保密", ""),
                ],
                ..spec("家庭成员", "表格", "案主资料", "是", "至少 1 行", "保密", "")
            },
        ],
        sections: vec![FieldSpec {
            note: some("谁、因何、期望什么"), ..spec("求助背景与过程", "段落", "", "是", "", "保密", "")
        }],
        blank: Some(format!("papers/blank/{code}.pdf")),
        workbook: Some(format!("papers/blank/{code}.xlsx")),
        records: record_rows().into_iter().filter(of_form).collect(),
        total: 1,
        all: None,
    }
}

fn article_view(number: &str, words: &str, chapter: &str, gist: &str, reading: Option<&str>) -> ArticleView {
    ArticleView {
        link: link(number, format!("articles/{number}.html")),
        number: words.into(),
        chapter: chapter.into(),
        gist: gist.into(),
        enforced: "由规则检查".into(),
        reading: reading.map(str::to_owned),
        readings: Vec::new(),
        compliance: Vec::new(),
        all: None,
        rules: rule_rows().into_iter().filter(|row| row.article.as_ref().is_some_and(|a| a.text == format!("第{number}条"))).collect(),
        forms: if number == "31.3" { vec![link("C03", "forms/C03.html"), link("C04", "forms/C04.html")] } else { vec![] },
    }
}

fn part(key: &'static str, class: &'static str, duties: Vec<ObligationView>) -> PartView {
    PartView { key, class, total: duties.len(), duties, all: None }
}

/// What is to be done, of the duties that are kept.
pub fn agenda(keep: &dyn Fn(&ObligationView) -> bool) -> AgendaView {
    let part = |key, class, duties: Vec<ObligationView>| part(key, class, duties.into_iter().filter(keep).collect());
    let (today, soon) = due_soon().into_iter().partition(|duty| duty.left == Some(0));
    let parts = vec![
        part("today", "soon", today),
        part("due_soon", "soon", soon),
        part("overdue", "bad", overdue()),
        part("waiting", "wait", waiting()),
        part("open", "run", open()),
        part("late", "none", vec![]),
    ];
    AgendaView { total: parts.iter().map(|part| part.total).sum(), parts, all: None }
}

fn load(link: Link, name: &str, counts: [usize; 4]) -> LoadView {
    LoadView { link, name: name.into(), counts: counts.to_vec() }
}

fn person(id: &str, name: &str, roles: &[(&str, &str, Option<&str>)]) -> PersonView {
    let role = |&(role, from, until): &(&str, &str, Option<&str>)| RoleView {
        role: role.into(),
        from: from.into(),
        until: until.map(str::to_owned),
        projects: if role == "社工" { vec![text("NS")] } else { vec![] },
    };
    let owes = |duty: &ObligationView| duty.owner.as_deref() == Some(name);
    PersonView {
        link: link(name, format!("people/{id}.html")),
        roles: roles.iter().map(role).collect(),
        counts: vec![0, 1, 2, 0],
        calendar: format!("feeds/people/{id}.ics"),
        agenda: agenda(&owes),
        submitted: part("submitted", "wait", waiting()),
    }
}

/// Nothing to subscribe to.
pub fn feeds() -> Feeds<'static> {
    let at = chrono::NaiveDateTime::default();
    let about = FeedBasis { organisation: String::new(), language: "zh-CN", site_url: None, at, zone: 480 };
    Feeds { about, calendars: Vec::new(), news: Vec::new() }
}

/// Lists, as the views lay them out.
fn sheets() -> Vec<Sheet<'static>> {
    let mut sheets = lists::dossier_pages(dossier_rows(), ["在办", "已结"], &|name| name.len().to_string());
    let severity = |at: usize| findings()[at].severity.to_owned();
    sheets.extend(lists::finding_pages(findings().len(), severity, |at| findings()[at].code.text.clone(), |at| findings()[at].clone()));
    sheets
}

/// A dossier with those of all records that lie in it.
fn dossier_pages(row: DossierRow) -> DossierPages<'static> {
    let named = |prefix: &str, name: &str| format!("{prefix}/{name}.html");
    let others =
        ["NS-C2026-001/C03", "NS-G2026-001/G07-04", "XL-C2026-007/C03", "NS-C2025-019/C13", "NS-C2026-002/C13", "NS-C2025-017/C11"];
    let others = others.map(|id| record_row(id, ("C03", "个案开案记录表"), "2026-03-11", none_needed(), counts(0, 0, 0)));
    let inside = format!("{}/", row.link.text);
    let records = record_rows().into_iter().chain(others).filter(|record| record.link.text.starts_with(&inside));
    let records: Vec<RecordRow> = records.collect();
    DossierPages {
        url: named("dossiers", &row.link.text),
        order: (0..records.len()).collect(),
        paper: None,
        records: records.into_iter().map(|row| (named("records", &row.link.text), Later::new(move || record(row.clone())))).collect(),
        view: Later::new({
            let row = row.clone();
            move || dossier(row.clone())
        }),
        row,
    }
}

pub fn pages() -> Pages<'static> {
    let project = |code: &str, name: &str, running, closed, overdue| {
        let url = format!("projects/{code}.html");
        let row = ProjectRow { link: link(code, url.clone()), code: code.into(), name: name.into(), running, closed, overdue };
        let own = dossier_link(code);
        let agenda = agenda(&|duty| duty.project.as_deref() == Some(code));
        let (calendar, news) = (format!("feeds/projects/{code}.ics"), (code == "NS").then(|| "feeds/projects/NS.atom".to_owned()));
        (url, ProjectView { row, own, dossiers_url: Some(format!("dossiers/project/{code}.html")), calendar, news, agenda })
    };
    let named = |prefix: &str, name: &str| format!("{prefix}/{name}.html");
    let guide = markdown::html(&markdown::blocks(
        "一份记录就是一个文本文件。写好、提交、请人审批，期限与依据由规则手册计算。\n\n## 写一份新记录\n\n1. 运行 `anjuan new C07 --dossier NS-C2026-003`；\n2. 在编辑器里填写；\n3. 提交并发起合并请求。\n\n### 写日期\n\n日期写成 `2026-03-05`。\n\n```\n开案日期: 2026-03-05\n```\n",
    ));
    let mut pages = Pages {
        basis: Basis { today: "2026-06-30".into(), head: Some("9c41f07".into()), counts: Counts { error: 4, warning: 6, advice: 11 }, demands: demands() },
        start: StartView {
            agenda: agenda(&|_| true),
            people: vec![load(link("李娜", "people/lina.html"), "", [0, 1, 2, 0])],
            people_total: 3,
            projects: vec![load(link("NS", "projects/NS.html"), "南山长者服务", [1, 0, 0, 0])],
            projects_total: 2,
            recent: timeline().into_iter().rev().collect(),
        },
        projects: vec![project("NS", "南山长者服务", 4, 2, 3), project("XL", "香蜜湖家庭服务", 2, 1, 0)],
        dossiers: dossier_rows().into_iter().map(dossier_pages).collect(),
        alone: Vec::new(),
        forms: [
            ("C02", "个案咨询记录表", "接案"),
            ("C03", "个案开案记录表", "接案"),
            ("C04", "个案辅导知情同意书", "接案"),
            ("C05", "个案家庭图", "预估"),
            ("C06", "个案介入计划表", "计划"),
            ("C07", "个案会谈记录表", "介入"),
            ("C09", "个案督导记录表", "介入"),
            ("C12", "个案意见评估表", "评估"),
            ("C13", "个案结案报告", "结案"),
        ]
        .map(|(code, name, stage)| (named("forms", code), form(code, name, stage)))
        .to_vec(),
        rules: rule_rows().into_iter().map(|row| (named("rules", &row.link.text), rule(row))).collect(),
        articles: [
            ("12.3", "第十二条（三）", "第三章 介入", "介入计划写明目标、策略、层次与检视时间。"),
            ("27", "第二十七条", "第五章 跟进", "结案后按约定方式跟进，并记录结果。"),
            ("30", "第三十条", "第八章 个案工作相关规定", "受理咨询时向求助者说明服务内容、费用、权利与责任、保密及其例外、投诉渠道。"),
            ("31.3", "第三十一条（三）", "第八章 个案工作相关规定", "双方同意开案的，案主填写知情同意书；社工在首次面谈结束后五个工作日内提交开案记录表，由初级督导审批，并在十个工作日内约见案主。"),
            ("32.1", "第三十二条（一）", "第八章 个案工作相关规定", "目标达成的，三个工作日内完成结案报告，由督导批复。"),
            ("35", "第三十五条", "第九章 小组与活动", "活动前两周报送计划书与经费预算。"),
            ("42", "第四十二条", "第九章 小组与活动", "每节活动后两天内提交小结记录。"),
            ("44", "第四十四条", "第九章 小组与活动", "服务结束后十个工作日内提交总结材料。"),
        ]
        .map(|(number, words, chapter, gist)| {
            let reading = (number == "31.3").then_some("“首次面谈结束”取首次咨询面谈结束之日，而非双方同意开案之日（Q12）。");
            (named("articles", number), article_view(number, words, chapter, gist, reading))
        })
        .to_vec(),
        people: vec![
            (named("people", "lina"), person("lina", "李娜", &[("社工", "2023-07-01", None)])),
            (named("people", "wangfang"), person("wangfang", "王芳", &[("社工", "2019-03-01", Some("2023-12-31")), ("初级督导", "2024-01-01", None)])),
            (named("people", "zhaowenbo"), person("zhaowenbo", "赵文博", &[("督导", "2018-09-01", None)])),
            (named("people", "chenjiawen"), person("chenjiawen", "陈嘉文", &[])),
        ],
        guide: vec![
            (named("guide", "worker"), "社工：写、交、改".into(), guide.clone()),
            (named("guide", "supervisor"), "督导：审批与其证据".into(), guide),
        ],
        sheets: sheets(),
        feeds: feeds(),
        more: Vec::<Page>::new(),
    };
    let person = |(_, view): &(String, PersonView)| PersonRow {
        link: view.link.clone(),
        roles: view.roles.clone(),
        in_service: true,
        counts: view.counts.clone(),
    };
    let register = pages.people.iter().map(person).collect();
    let rows = pages.projects.iter().map(|(_, view)| view.row.clone()).collect();
    pages.sheets.extend(lists::people_pages(register, ["在职", "离任"]));
    pages.sheets.extend(lists::project_pages(rows));
    pages
}

/// What other makers put beside the pages; links may lead there.
pub fn papers() -> Vec<String> {
    let mut list: Vec<String> = record_rows().iter().filter_map(|row| row.paper.clone()).collect();
    list.extend(pages().records().filter_map(|(_, view)| view.get().row.paper));
    list.extend(pages().forms.iter().flat_map(|(_, view)| [view.blank.clone(), view.workbook.clone()]).flatten());
    list.push("papers/NS-C2026-003.pdf".into());
    assert!(!list.contains(&url::START.to_owned()));
    list
}
