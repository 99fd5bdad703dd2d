//! Real papers, looked at as bytes and, where poppler is installed, as text.
//!
//! `ANJUAN_PAPERS=/tmp/papers cargo test --release paper` writes them there to be looked at as pictures.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

use super::*;
use crate::publish::markdown;
use crate::publish::view::{
    Badge, ColumnView, Counts, Excerpt, FieldView, Link, OptionView, PaperView, RecordRow, SectionView, SignatureView, ValueView,
};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

fn theme(name: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(HERE).join("themes/default").join(name)).ok()
}

fn forms() -> Vec<(String, String)> {
    let read = |name: &str| {
        let path = Path::new(HERE).join("archive-template/rulebook/forms").join(name);
        Some((name.to_owned(), std::fs::read_to_string(path).ok()?))
    };
    ["C01.typ", "C04.typ", "C11.typ"].iter().filter_map(|name| read(name)).collect()
}

fn press() -> Press {
    let (press, found) = Press::new(&theme, &forms(), &[]);
    assert!(found.is_empty(), "{found:?}");
    press
}

fn frame() -> Frame {
    Frame {
        organisation: "深圳市社联社工服务中心".into(),
        site_title: "案卷".into(),
        language: "zh".into(),
        audience: "保密".into(),
        highest: true,
        procedure: "SLFWGL-009".into(),
        procedure_title: "服务标准与流程指引".into(),
        edition: Some("2019年7月修订版".into()),
        live: false,
        notices: Vec::new(),
    }
}

fn field(group: &str, name: &str, kind: &str, value: ValueView) -> FieldView {
    FieldView {
        name: name.into(),
        kind: kind.into(),
        group: (!group.is_empty()).then(|| group.into()),
        note: None,
        unit: None,
        required: true,
        computed: false,
        wide: value.is_wide(),
        value,
        findings: Vec::new(),
    }
}

fn text(words: &str) -> ValueView {
    ValueView::Text { text: words.into() }
}

fn choice(options: &str, chosen: &[&str]) -> ValueView {
    let options = options.split('/').map(|name| OptionView { name: name.trim().into(), chosen: chosen.contains(&name.trim()) });
    ValueView::Choice { options: options.collect() }
}

fn signed(name: &str, role: &str, place: &str) -> ValueView {
    ValueView::Signature { name: name.into(), role: role.into(), date: "2026-03-06".into(), form: "纸质".into(), place: place.into() }
}

fn table(columns: &str, rows: &[&str]) -> ValueView {
    let columns = columns.split('|').map(|column| {
        let (name, kind) = column.trim().split_once(['：', ':']).unwrap_or((column.trim(), "text"));
        ColumnView { name: name.into(), kind: kind.into() }
    });
    let cell = |words: &str| match words.trim() {
        "" => ValueView::Empty,
        "▒" => ValueView::Hidden,
        words => text(words),
    };
    let rows = rows.iter().map(|row| row.split('|').map(cell).collect());
    ValueView::Table { columns: columns.collect(), rows: rows.collect() }
}

fn section(name: &str, prose: &str) -> SectionView {
    let blocks = markdown::blocks(prose);
    SectionView {
        name: name.into(),
        guide: Some("谁、因何、期望什么".into()),
        hidden: prose == "▒",
        html: markdown::html(&blocks),
        blocks: if prose == "▒" { Vec::new() } else { blocks },
        findings: Vec::new(),
    }
}

fn ink(label: &str) -> SignatureView {
    SignatureView { label: label.into(), kind: "ink", ..SignatureView::default() }
}

fn signatures() -> Vec<SignatureView> {
    let proven = |label: &str, name: &str, role: &str, evidence: &str| SignatureView {
        label: label.into(),
        kind: "proven",
        name: name.into(),
        role: role.into(),
        time: "2026-03-09 10:12".into(),
        commit: "7f3a9c1".into(),
        evidence: evidence.into(),
    };
    let recorded = SignatureView {
        label: "案主".into(),
        kind: "recorded",
        name: "陈美玲".into(),
        role: "本人".into(),
        time: "2026-03-06".into(),
        commit: String::new(),
        evidence: "纸质签名，原件存 2-3-07 盒".into(),
    };
    vec![
        proven("填表社工", "李娜", "社工", "由提交证明"),
        proven("初级督导审批", "王芳", "初级督导", "由合并与签名证明（SSH 签名有效）"),
        recorded,
        ink("督导阅签"),
    ]
}

fn record(form: &str, name: &str, layout: &str) -> RecordView {
    let id = format!("NS-C2026-001/{form}");
    RecordView {
        row: RecordRow {
            link: Link { text: id.clone(), url: None },
            form: Link { text: format!("{form} {name}"), url: None },
            filled_on: Some("2026-03-06".into()),
            worker: Some("李娜".into()),
            approval: Badge::default(),
            counts: Counts::default(),
            uncommitted: false,
            paper: None,
        },
        path: format!("cases/{id}.md"),
        form: form.into(),
        name: name.into(),
        articles: Vec::new(),
        dossier: Some(Link { text: "NS-C2026-001".into(), url: None }),
        project: Some(Link { text: "NS 南山社区党群服务中心".into(), url: None }),
        edition: Some("2019年7月修订版".into()),
        unjudged: None,
        fields: Vec::new(),
        sections: Vec::new(),
        figures: Vec::new(),
        signatures: signatures(),
        approvals: Vec::new(),
        pending: Vec::new(),
        settled: crate::publish::view::SettledView::default(),
        settled_there: 0,
        timeline: Excerpt::whole(Vec::new()),
        findings: Vec::new(),
        commit: Some("ab12cd3".into()),
        code: Some("7F3K-9QXM".into()),
        digest: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into()),
        hidden: 0,
        extracts: Vec::new(),
        paper: PaperView { layout: layout.into(), ..PaperView::default() },
    }
}

const CATEGORIES: &str =
    "老人（60岁以上） / 儿童（6-18岁） / 青少年（6-18岁） / 家长 / 社区女性 / 外来务工人员 / 家庭 / 残疾人 / 其他有需要人群";
const ISSUES: &str = "情绪与压力 / 亲子与家庭关系 / 婚姻与恋爱 / 学习与校园适应 / 就业与生计 / 经济困难 / 照顾负担 / 健康与康复 / 残障支持 / 精神健康 / 人际与社会融入 / 居住 / 法律与权益 / 暴力与虐待 / 成瘾与偏差行为 / 丧亲与哀伤 / 养老与独居 / 其他";
const FIVE: &str = "1 很不满意/2 不满意/3 一般/4 满意/5 很满意";
const CRISIS: &str = "风险类型：multichoice | 等级：choice | 发现时间：datetime | 报告督导时间：datetime | 报告对象：person | 报告部门 | 报告部门时间：datetime | 已采取措施 | 是否强制报告情形：bool | 后续安排";

/// The largest form, with every kind of value.
fn opening() -> RecordView {
    let basic = "基本资料";
    let family = "家庭与处境";
    let mut record = record("C03", "个案开案记录表", "grid");
    let mut phone = field(basic, "联系电话", "phone", text("13800138000"));
    phone.unit = None;
    let mut age = field(basic, "年龄", "integer", text("34"));
    age.unit = Some("岁".into());
    record.fields = vec![
        field("", "个案编号", "text", text("NS-C2026-001")),
        field("", "咨询记录", "ref", ValueView::Link { link: Link { text: "NS-C2026-001/C02".into(), url: Some("x".into()) } }),
        field("", "首次面谈结束日", "date", text("2026-03-06")),
        field("", "开案日期", "date", text("2026-03-09")),
        field("", "来源", "choice", choice("主动求助（自愿）/他人转介（非自愿）/社工外展", &["主动求助（自愿）"])),
        field("", "服务类别", "multichoice", choice(CATEGORIES, &["家长", "家庭"])),
        field(basic, "案主姓名", "text", text("陈美玲")),
        field(basic, "案主代号", "text", text("案主-017")),
        field(basic, "性别", "choice", choice("男/女/未知", &["女"])),
        field(basic, "出生日期", "date", text("1991-11-02")),
        age,
        field(basic, "证件", "id-card", ValueView::Hidden),
        phone,
        field(basic, "首次到访", "datetime", text("2026-03-06 14:30")),
        field(basic, "现住址", "text", text("深圳市南山区粤海街道科技园社区某某花园 3 栋 2 单元 1204 房（与母亲、女儿同住）")),
        field(basic, "婚姻", "choice", choice("未婚/已婚/离异/丧偶/分居/同居/不详", &["离异"])),
        field(basic, "文化程度", "choice", choice("学龄前/小学/初中/高中中专/大专/本科/研究生/文盲半文盲/不详", &["大专"])),
        field(basic, "单位或学校", "text", ValueView::Empty),
        field(basic, "精神科诊断与用药", "text", text("无")),
        field(basic, "同意开案", "bool", choice("是/否", &["是"])),
        field(
            family,
            "家庭成员",
            "table",
            table(
                "称谓|代号|性别|年龄：integer|同住：bool|职业|健康|备注",
                &[
                    "母|母|女|66|是|退休工人|高血压，规律服药|负责接送外孙女",
                    "女儿|女1|女|8|是|小学二年级|良好|近两个月不愿上学",
                    "前夫|前夫|男|38|否|司机|▒|",
                ],
            ),
        ),
        field(family, "主要问题", "multichoice", choice(ISSUES, &["亲子与家庭关系", "照顾负担", "情绪与压力"])),
        field(
            family,
            "危机块",
            "table",
            table(
                CRISIS,
                &[
                    "自伤自杀、家庭暴力|中|2026-03-06 15:10|2026-03-06 16:00|王芳|社区网格员（电话）|2026-03-06 16:20|已制定安全计划，与母亲确认晚间有人陪伴，留下 24 小时热线并约定每日一次电话问候|否|三日内再次评估风险，必要时转介精神科门诊",
                ],
            ),
        ),
        field(
            "附件",
            "扫描件",
            "attachment",
            ValueView::Link { link: Link { text: "知情同意书扫描件（3 页，原件存 2-3-07 盒）".into(), url: None } },
        ),
        field(
            "附件",
            "网址",
            "url",
            text("https://example.org/a/very/long/address/without/any/break/at/all?x=0123456789abcdef0123456789abcdef0123456789abcdef"),
        ),
        field("评量", "目前的困扰程度", "scale", choice("1/2/3/4/5", &["4"])),
        field("评量", "对服务的期望与信心", "scale", choice(FIVE, &["4 满意"])),
        field("", "案主签名", "signature", signed("陈美玲", "本人", "2-3-07 盒")),
        field("", "见证人", "signature", signed("赵敏", "邻居", "2-3-07 盒")),
    ];
    record.sections = vec![
        section("求助背景与过程", LONG),
        section(
            "个人资料分析",
            "案主**情绪低落**，睡眠每晚约 4 小时；*自述*“像背着一块石头走路”。\n\n- 生理：无重大疾病\n- 心理：自责、无助\n  1. 对母亲：愧疚\n  2. 对女儿：焦虑\n- 社会：离婚后少与朋友来往\n\n> 我不想让孩子看见我哭。\n\n见 [官网](https://example.org) 与 `附录`。",
        ),
        section("督导意见", "▒"),
        section("开案理由与介入方向", ""),
    ];
    record
}

const LONG: &str = "案主于 2026 年 3 月 2 日致电本中心个案专线，自述离婚后独力抚养 8 岁女儿，近两个月女儿多次以“肚子痛”为由不肯上学，班主任已三次约谈；案主本人在一家物流公司做夜班客服，白天补觉，与女儿相处时间很少。\n\n三月初，女儿在电话里哭着说“你不要我了”，案主当晚在阳台站了很久，第二天请邻居陪同来到服务点。她希望：一是弄清女儿为什么不上学；二是学会怎样和女儿说话；三是自己不要再对女儿大吼。\n\n首次面谈中，案主表示愿意接受辅导，理解服务是免费的，也理解社工会在发现有人可能受到伤害时依规定报告。双方同意开案，约定每周一次会谈，时间以案主下夜班后的上午为宜。";

/// A session with long prose, two pages and more.
fn session() -> RecordView {
    let mut record = record("C07", "个案会谈记录表", "grid");
    record.row.link.text = "NS-C2026-001/C07-01".into();
    record.fields = vec![
        field("", "节次", "integer", text("1")),
        field("", "形式", "choice", choice("面谈/家访/电话/网络/陪同/个案会议/与相关方联络/书信/其他", &["面谈"])),
        field("", "开始", "datetime", text("2026-03-12 10:00")),
        field("", "结束", "datetime", text("2026-03-12 11:15")),
        field("", "时长", "integer", text("75")),
        field("", "地点", "text", text("南山服务点二号个案室")),
        field("", "参加者", "table", table("人|与案主关系", &["案主-017|本人", "女1|女儿"])),
        field(
            "",
            "目标进展",
            "table",
            table("目标编号|尺度：scale|依据", &["O1|-1|女儿本周到校两天，其余三天仍留在家", "O2|0|案主能在对话中停顿三次"]),
        ),
    ];
    let names = ["本节目的", "会谈过程", "案主表现", "方法与技巧", "目标进展评估", "社工分析与反思", "下一步计划"];
    record.sections = names.iter().map(|name| section(name, &format!("{LONG}\n\n{LONG}"))).collect();
    record.sections[0] = section("本节目的", "建立关系，了解女儿不上学的经过。");
    record
}

/// A table of twelve columns, upright and on its side, and one that fits no page.
fn wide(landscape: bool) -> RecordView {
    let mut record = record("C15", "个案档案索引", "list");
    record.paper.landscape = landscape;
    record.fields = vec![
        field("", "期间起", "date", text("2026-01-01")),
        field("", "期间止", "date", text("2026-06-30")),
        field("", "项目", "text", text("南山社区党群服务中心项目")),
        field(
            "",
            "索引行",
            "table",
            table(
                "序号：integer | 个案编号 | 案主代号 | 性别 | 年龄：integer | 服务类别 | 来源 | 开案日期：date | 结案日期：date | 终止途径 | 负责社工：person | 存放位置",
                &(1..=40)
                    .map(|n| format!("{n} | NS-C2026-{n:03} | 案主-{n:03} | 女 | {} | 家长、家庭 | 主动求助 | 2026-03-{:02} | {} | 目标达成 | 李娜 | 2-3-{n:02}", 20 + n, 1 + n % 28, if n % 3 == 0 { "2026-06-02" } else { "" }))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
            ),
        ),
    ];
    record.signatures.truncate(2);
    record
}

/// The forms that have a template of their own.
fn own(form: &str) -> RecordView {
    let mut record = match form {
        "C01" => record("C01", "个案档案封面及存档清单", "cover"),
        "C04" => record("C04", "个案辅导知情同意书", "letter"),
        _ => record("C11", "个案转介回复函", "letter"),
    };
    record.paper.template = Some(format!("{form}.typ"));
    match form {
        "C01" => {
            record.fields = vec![
                field("", "个案编号", "text", text("NS-C2026-001")),
                field("", "案主代号", "text", text("案主-017")),
                field("", "服务类别", "multichoice", choice(CATEGORIES, &["家长"])),
                field("", "服务点", "text", text("南山社区党群服务中心")),
                field("", "督导", "person", text("王芳")),
                field("", "开案日期", "date", text("2026-03-09")),
                field("", "结案日期", "date", ValueView::Empty),
                field(
                    "",
                    "终止途径",
                    "choice",
                    choice("目标达成 / 自愿退出 / 适时终止-构成危险 / 适时终止-三个月失联 / 适时终止-失踪 / 适时终止-死亡 / 其他", &[]),
                ),
                field("", "会谈节数", "integer", text("8")),
                field("", "密级", "choice", choice("L2/L3", &["L3"])),
                field("", "保管期限", "text", text("结案后 10 年")),
                field(
                    "",
                    "存档清单",
                    "table",
                    table(
                        "序号：integer | 表单代码 | 名称 | 份数：integer | 页数：integer | 形成日期起：date | 形成日期止：date | 形式 | 缺件标记：bool",
                        &[
                            "1 | C02 | 个案咨询记录表 | 1 | 2 | 2026-03-06 | 2026-03-06 | 电子件 | 否",
                            "2 | C03 | 个案开案记录表 | 1 | 3 | 2026-03-09 | 2026-03-09 | 电子件 | 否",
                            "3 | C04 | 个案辅导知情同意书 | 1 | 3 | 2026-03-06 | 2026-03-06 | 纸质原件 | 否",
                            "4 | C07 | 个案会谈记录表 | 8 | 21 | 2026-03-12 | 2026-05-28 | 电子件 | 否",
                        ],
                    ),
                ),
                field("", "缺件说明", "text", ValueView::Empty),
                field("", "移交", "signature", ValueView::Empty),
                field("", "签收", "signature", ValueView::Empty),
                field("", "存放位置", "text", ValueView::Hidden),
                field(
                    "",
                    "借阅登记",
                    "table",
                    table(
                        "日期：date | 借阅人：person | 事由 | 批准人：person | 归还日期：date",
                        &["2026-04-02 | 王芳 | 督导前阅卷 | 赵主管 | 2026-04-03"],
                    ),
                ),
            ];
            record.hidden = 1;
            record.signatures = vec![ink("移交"), ink("签收")];
        }
        "C04" => {
            let understood = "服务内容与方法 / 费用 / 申请与退出机制 / 权利 / 责任 / 服务程序 / 保密 / 保密例外 / 资料查阅更正删除 / 投诉渠道 / 社工受督导及案例讨论";
            let consent = "建立纸质档案 / 建立电子档案 / 处理敏感资料（单独同意） / 机构内督导讨论 / 购买方抽查 / 去标识教学研究";
            let all: Vec<&str> = understood.split(" / ").collect();
            record.fields = vec![
                field("", "案主姓名", "text", text("陈美玲")),
                field("", "讲解日期", "date", text("2026-03-06")),
                field("", "讲解语言", "choice", choice("普通话 / 粤语 / 其他方言 / 手语 / 外语 / 书面", &["普通话"])),
                field("", "已理解事项", "multichoice", choice(understood, &all)),
                field("", "资料使用同意", "multichoice", choice(consent, &["建立纸质档案", "建立电子档案", "机构内督导讨论"])),
                field("", "录音录像", "choice", choice("不同意 / 同意录音 / 同意录音录像", &["不同意"])),
                field("", "联系方式限制", "text", text("不打家里电话，不留言；可在工作日 14:00 以后发微信")),
                field("", "预约与爽约约定", "text", ValueView::Empty),
                field("", "同意开案", "bool", choice("是/否", &["是"])),
                field("", "案主签名", "signature", signed("陈美玲", "本人", "2-3-07 盒")),
                field("", "社工签名", "signature", signed("李娜", "社工", "2-3-07 盒")),
                field("", "扫描件", "attachment", ValueView::Link { link: Link { text: "C04 扫描件.pdf(3 页)".into(), url: None } }),
                field("", "撤回日期", "date", ValueView::Empty),
            ];
            record.sections = vec![
                section("告知要点记录", "逐项讲解约 25 分钟。案主问：“如果我妈妈来问，你们会告诉她吗?”答：不会，除非有人可能受到伤害。"),
                section("特别约定", ""),
            ];
            let recorded = |label: &str, name: &str| SignatureView {
                label: label.into(),
                kind: "recorded",
                name: name.into(),
                time: "2026-03-06".into(),
                evidence: "纸质签名，原件存 2-3-07 盒".into(),
                ..SignatureView::default()
            };
            record.signatures = vec![recorded("案主", "陈美玲"), ink("监护人"), ink("见证人"), recorded("社工", "李娜")];
        }
        _ => {
            record.fields = vec![
                field("", "转入记录", "ref", ValueView::Link { link: Link { text: "NS-C2026-001/C10".into(), url: None } }),
                field("", "发函日期", "date", text("2026-03-06")),
                field("", "回复结果", "choice", choice("接收 / 部分接收 / 不接收", &["不接收"])),
                field("", "不接收理由类别", "choice", choice("不属自身服务范围 / 依社工守则不能提供 / 其他", &["不属自身服务范围"])),
                field(
                    "",
                    "收件人",
                    "table",
                    table(
                        "身份：choice | 姓名 | 送达方式：choice | 送达日期：date",
                        &["转介者 | 周老师 | 邮寄 | 2026-03-07", "申请者 | 陈美玲 | 当面 | 2026-03-06"],
                    ),
                ),
                field(
                    "",
                    "建议替代资源",
                    "table",
                    table(
                        "机构 | 服务 | 联系方式",
                        &[
                            "市康宁医院青少年门诊 | 青少年情绪障碍评估与治疗 | 0755-12345678",
                            "南山区妇联家庭驿站 | 婚姻家庭咨询 | 0755-87654321",
                        ],
                    ),
                ),
                field("", "签发", "signature", ValueView::Empty),
                field("", "底稿", "attachment", ValueView::Empty),
            ];
            record.sections = vec![
                section("回复正文", "感谢贵校对学生的关心。我们已于 3 月 4 日与学生及其母亲面谈一次。"),
                section(
                    "理由说明",
                    "经评估，学生目前主要需要医疗机构的专科评估与治疗，这超出本中心的服务范围；为不延误时间，建议先行就医。",
                ),
                section("建议", "就医之后如需社区支持，我们愿意与贵校、医院一起商定后续安排。"),
            ];
            record.signatures = vec![ink("签发"), ink("机构盖章")];
        }
    }
    record
}

fn blank(mut record: RecordView) -> RecordView {
    record.paper.blank = true;
    record.paper.rows = 5;
    record.commit = None;
    record.digest = None;
    for field in &mut record.fields {
        field.note = Some("如实填写".into());
        field.value = match std::mem::take(&mut field.value) {
            ValueView::Choice { mut options } => {
                options.iter_mut().for_each(|option| option.chosen = false);
                ValueView::Choice { options }
            }
            ValueView::Table { columns, .. } => ValueView::Table { columns, rows: Vec::new() },
            _ => ValueView::Empty,
        };
    }
    for section in &mut record.sections {
        section.blocks.clear();
        section.hidden = false;
    }
    record.signatures = record.signatures.iter().map(|one| ink(&one.label)).collect();
    record
}

fn job<'a>(frame: &'a Frame, records: Vec<&'a RecordView>) -> Job<'a> {
    Job {
        title: format!("{} {}", records[0].row.link.text, records[0].name),
        ident: records[0].row.link.text.clone(),
        date: NaiveDate::from_ymd_opt(2026, 3, 9),
        sheet: None,
        attachment: None,
        frame,
        records,
    }
}

fn keep(name: &str, pdf: &[u8]) {
    if let Some(dir) = std::env::var_os("ANJUAN_PAPERS") {
        std::fs::create_dir_all(&dir).expect("folder");
        std::fs::write(Path::new(&dir).join(format!("{name}.pdf")), pdf).expect("written");
    }
}

fn printed(name: &str, press: &Press, job: &Job<'_>) -> Vec<u8> {
    let (pdf, found) = press.typeset(job);
    assert!(found.is_empty(), "{name}: {found:#?}");
    let pdf = pdf.expect("a paper");
    assert!(pdf.starts_with(b"%PDF"));
    keep(name, &pdf);
    within_margins(name, &pdf);
    pdf
}

/// Nothing is printed into the margins (punctuation may hang a little), as far as poppler can tell.
fn within_margins(name: &str, pdf: &[u8]) {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("a.pdf");
    std::fs::write(&path, pdf).expect("written");
    let Ok(out) = Command::new("pdftotext").arg("-bbox").arg(&path).arg("-").output() else { return };
    let number = |line: &str, key: &str| -> f64 {
        let rest = line.split_once(&format!("{key}=\"")).map_or("0", |(_, rest)| rest);
        rest.split('"').next().and_then(|n| n.parse().ok()).expect("a number")
    };
    let mut page = (0.0, 0.0);
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        if line.contains("<page ") {
            page = (number(line, "width"), number(line, "height"));
        } else if line.contains("<word ") {
            let (left, right, bottom) = (number(line, "xMin"), number(line, "xMax"), number(line, "yMax"));
            assert!(left > 54.0 && right < page.0 - 50.0 && bottom < page.1 - 15.0, "{name}: {line} on {page:?}");
        }
    }
}

/// The text of a PDF without white space; nothing when poppler is not installed.
fn words(pdf: &[u8]) -> Option<String> {
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("a.pdf");
    std::fs::write(&path, pdf).expect("written");
    let out = Command::new("pdftotext").arg(&path).arg("-").output().ok()?;
    Some(String::from_utf8_lossy(&out.stdout).split_whitespace().collect())
}

#[test]
fn samples_are_printed() {
    let (press, frame) = (press(), frame());
    let opening = opening();
    let session = session();
    let pdf = printed("opening", &press, &job(&frame, vec![&opening]));
    if let Some(words) = words(&pdf) {
        for wanted in [
            "个案开案记录表",
            "NS-C2026-001/C03",
            "1991年11月2日",
            "√女",
            "（本级别不显示）",
            "求助背景与过程",
            "2-3-07盒",
            "王芳",
            "9f86d081884c",
            "像背着一块石头走路",
        ] {
            assert!(words.contains(wanted), "{wanted} in {words}");
        }
        assert!(!words.contains("9f86d081884c7"));
    }
    printed("session", &press, &job(&frame, vec![&session]));
    printed("wide", &press, &job(&frame, vec![&wide(false)]));
    printed("wide-landscape", &press, &job(&frame, vec![&wide(true)]));
    printed("blank", &press, &job(&frame, vec![&blank(opening.clone())]));
    printed("blank-list", &press, &job(&frame, vec![&blank(wide(true))]));
    let mut letter = session.clone();
    letter.paper.layout = "letter".into();
    printed("letter", &press, &job(&frame, vec![&letter]));
    let mut cover = opening.clone();
    cover.paper.layout = "cover".into();
    cover.fields.retain(|field| ["个案编号", "案主代号", "开案日期", "服务类别", "家庭成员"].contains(&field.name.as_str()));
    cover.sections.clear();
    printed("cover", &press, &job(&frame, vec![&cover]));
    for form in ["C01", "C04", "C11"] {
        printed(form, &press, &job(&frame, vec![&own(form)]));
        printed(&format!("{form}-blank"), &press, &job(&frame, vec![&blank(own(form))]));
    }
    printed("dossier", &press, &job(&frame, vec![&cover, &opening, &session, &wide(true)]));
}

#[test]
fn the_same_bytes_twice_and_in_parallel() {
    let (press, frame, opening, session) = (press(), frame(), opening(), session());
    let jobs: Vec<Job<'_>> = (0..6).map(|n| job(&frame, vec![if n % 2 == 0 { &opening } else { &session }])).collect();
    let papers = Mutex::new(BTreeMap::new());
    let found = press.typeset_all(&jobs, &|n: usize, pdf: Vec<u8>| {
        papers.lock().expect("lock").insert(n, pdf);
    });
    assert!(found.is_empty(), "{found:?}");
    let papers = papers.into_inner().expect("lock");
    comemo::evict(0);
    let fresh = super::tests::press();
    for (n, job) in jobs.iter().enumerate() {
        assert!(fresh.typeset(job).0.as_ref() == papers.get(&n), "paper {n}");
    }
}

/// A tray that has what was once put into it.
#[derive(Default)]
struct Shelf {
    had: Vec<Digest>,
    put: Mutex<Vec<(usize, Option<Digest>)>>,
}

impl Tray for Shelf {
    fn keep(&self, _: usize, from: Digest) -> bool {
        self.had.contains(&from)
    }

    fn put(&self, number: usize, _: Vec<u8>, from: Option<Digest>) {
        self.put.lock().expect("lock").push((number, from));
    }
}

#[test]
fn a_paper_is_made_again_only_when_what_it_shows_changes() {
    let (press, mut frame) = (press(), frame());
    let (opening, mut session, mut odd) = (opening(), session(), opening());
    odd.name = "没有字形 \u{10ffff}".into();
    let shelf = Shelf::default();
    let said = press.typeset_all(&[job(&frame, vec![&opening]), job(&frame, vec![&session]), job(&frame, vec![&odd])], &shelf);
    assert_eq!(said.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["T102"]);
    let mut put = shelf.put.into_inner().expect("lock");
    put.sort_by_key(|(number, _)| *number);
    assert_eq!(put.iter().map(|(_, from)| from.is_some()).collect::<Vec<_>>(), [true, true, false]);
    // What is on pages only, and a notice about the archive, is nothing to a paper.
    let shelf = Shelf { had: put.into_iter().filter_map(|(_, from)| from).collect(), put: Mutex::default() };
    session.row.counts = Counts { error: 3, ..Counts::default() };
    session.timeline = Excerpt::whole(Vec::new());
    frame.notices.push("日历缺今年的数据".into());
    let said = press.typeset_all(&[job(&frame, vec![&opening]), job(&frame, vec![&session]), job(&frame, vec![&odd])], &shelf);
    assert_eq!((said.len(), shelf.put.lock().expect("lock").iter().map(|(number, _)| *number).collect::<Vec<_>>()), (1, vec![2]));
    // Another day of the document, another word of the record.
    let shelf = Shelf { put: Mutex::default(), ..shelf };
    session.sections[0].blocks.clear();
    let other_day = Job { date: NaiveDate::from_ymd_opt(2026, 3, 10), ..job(&frame, vec![&opening]) };
    press.typeset_all(&[other_day, job(&frame, vec![&session])], &shelf);
    assert_eq!(shelf.put.into_inner().expect("lock").len(), 2);
}

#[test]
fn the_record_lies_in_the_paper() {
    let (press, frame, session) = (press(), frame(), session());
    let mut job = job(&frame, vec![&session]);
    let plain = printed("plain", &press, &job);
    let bytes = "---\n表单: C07\n---\n".as_bytes().to_vec();
    job.attachment = Some(Attachment { name: "C07-01.md".into(), bytes });
    let pdf = printed("attached", &press, &job);
    let holds = |pdf: &[u8], what: &[u8]| pdf.windows(what.len()).any(|window| window == what);
    assert!(holds(&pdf, b"/AFRelationship/Source") || holds(&pdf, b"/AFRelationship /Source"));
    assert!(!holds(&plain, b"/AFRelationship"));
    assert!(holds(&plain, b"pdfaid:part>3") && holds(&plain, b"pdfaid:conformance>A"));
    assert!(holds(&plain, b"2026"));
}

#[test]
fn missing_glyphs_are_found_and_shown() {
    let (press, frame, mut record) = (press(), frame(), session());
    record.fields[5].value = text("地点😀\u{E123}甲\u{200B}乙\u{0}丙");
    let mut job = job(&frame, vec![&record]);
    job.attachment = Some(Attachment { name: "C07-01.md".into(), bytes: "地点: 地点😀".as_bytes().to_vec() });
    let (pdf, found) = press.typeset(&job);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code.as_str(), found[0].path()), ("T102", "cases/NS-C2026-001/C07.md"));
    assert!(found[0].message.zh.contains("😀(U+1F600)") && found[0].message.zh.contains("U+E123"), "{:?}", found[0].message);
    assert_eq!(found[0].place.as_ref().map(|place| place.start().column), Some(7));
    if let Some(words) = words(&pdf.expect("a paper all the same")) {
        assert!(words.contains("地点〓〓甲乙丙"), "{words}");
    }
}

#[test]
fn widths_are_known_of_single_lines() {
    let press = press();
    let width = |text: &str| press.glyphs.width(text);
    assert!((2.0..2.1).contains(&width("会谈")), "{}", width("会谈"));
    assert!(width("2026-03-06 10:00") < 16.0 * 0.65 && width("2026-03-06 10:00") > 16.0 * 0.4);
    assert!(width("第1节") > width("第节") + width("1") + 2.0 * 0.25, "with the space between scripts");
    assert_eq!(width(""), 0.0);
    assert!(width("甲\n乙") > 1000.0 && width("\u{E123}") > 1000.0);
}

#[test]
fn a_broken_template_is_a_finding_at_its_line() {
    let broken = "#import \"/paper/general.typ\": *\n#let form(frame, record, place) = {\n  field(record, \"没有\").value\n}\n";
    let (press, _) = Press::new(&theme, &[("C07.typ".into(), broken.into())], &[]);
    let (frame, mut record) = (frame(), session());
    record.paper.template = Some("C07.typ".into());
    let (pdf, found) = press.typeset(&job(&frame, vec![&record]));
    assert!(pdf.is_none());
    assert_eq!((found[0].code.as_str(), found[0].path()), ("T101", "rulebook/forms/C07.typ"));
    assert_eq!(found[0].place.as_ref().map(|place| place.start().line), Some(3));
    record.paper.template = Some("C99.typ".into());
    let (pdf, found) = press.typeset(&job(&frame, vec![&record]));
    assert!(pdf.is_none() && found[0].code == "T101", "{found:?}");
    let (press, _) = Press::new(&theme, &[("C07.typ".into(), "#let fom(frame, record, place) = []".into())], &[]);
    record.paper.template = Some("C07.typ".into());
    let (pdf, found) = press.typeset(&job(&frame, vec![&record]));
    assert!(pdf.is_none() && found[0].path() == "rulebook/forms/C07.typ", "{found:?}");
    let loops = "#let form(frame, record, place) = form(frame, record, place)";
    let (press, _) = Press::new(&theme, &[("C07.typ".into(), loops.into())], &[]);
    record.paper.template = Some("C07.typ".into());
    let twice = [job(&frame, vec![&record]), job(&frame, vec![&record])];
    assert_eq!(press.typeset_all(&twice, &|_, _: Vec<u8>| panic!("no paper")).len(), 1, "said once");
}

#[test]
fn without_fonts_the_remedy_is_named() {
    let (press, found) = Press::with_fonts(&theme, &forms(), &[], &[]);
    assert!(found.is_empty());
    let (frame, record) = (frame(), session());
    let (pdf, found) = press.typeset(&job(&frame, vec![&record]));
    assert!(pdf.is_none());
    assert_eq!(found[0].code, "T102");
    assert!(found[0].help.as_ref().is_some_and(|help| help.zh.contains("fonts-noto-cjk")));
}

#[test]
fn any_prose_is_printed() {
    let (press, frame, mut record) = (press(), frame(), session());
    let deep = format!("{} 深处", "> - ".repeat(60));
    let odd = "#set page(width: 1pt)\n\n$x$ `#panic()` \\ @label <a> //注释 /* 注 */\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n---\n\n0. 零\n1. 一\n\n    代码\n\n# 一级\n\n###### 六级";
    let long = "字".repeat(20_000);
    record.sections = ["", &deep, odd, &long, "\u{FEFF}\u{202E}逆", &"a".repeat(3000)].iter().map(|prose| section("段落", prose)).collect();
    record.fields[5].value = text("#panic() *粗* $ 1\n第二行");
    let pdf = printed("odd", &press, &job(&frame, vec![&record]));
    if let Some(words) = words(&pdf) {
        assert!(words.contains("#setpage(width:1pt)") && words.contains("深处") && words.contains("#panic()*粗*$1第二行"), "{words}");
    }
}

/// Not a test: prints how long papers take. `cargo test --release paper -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
#[allow(clippy::disallowed_methods)]
fn measure() {
    let begun = Instant::now();
    let (press, frame) = (press(), frame());
    println!("press {:?}", begun.elapsed());
    let mut record = session();
    record.sections.truncate(4); // two pages
    let count: usize = std::env::var("ANJUAN_COUNT").ok().and_then(|n| n.parse().ok()).unwrap_or(200);
    let records: Vec<RecordView> = (0..count)
        .map(|n| {
            let mut record = record.clone();
            record.row.link.text = format!("NS-C2026-{n:05}/C07-01");
            record.sections[1] = section("会谈过程", &format!("第 {n} 份。{LONG}"));
            record
        })
        .collect();
    let jobs: Vec<Job<'_>> = records.iter().map(|record| job(&frame, vec![record])).collect();
    keep("measured", &press.typeset(&jobs[0]).0.expect("a paper"));
    let begun = Instant::now();
    let size = AtomicUsize::new(0);
    press.typeset_all(&jobs, &|_, pdf: Vec<u8>| {
        size.fetch_add(pdf.len(), Ordering::Relaxed);
    });
    let spent = begun.elapsed();
    println!(
        "{count} papers in {spent:?}, {:?} each, {} bytes each",
        spent / u32::try_from(count).expect("few"),
        size.into_inner() / count
    );
    let peak = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", peak.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("?"));
}
