//! A synthetic archive of any size on the real rulebook, and a plain repository of many commits.
//!
//! Nothing in it is chance: the same size gives the same bytes and so the same commit ids, on every
//! machine. History goes in as one `git fast-import` stream, which is why twenty thousand commits
//! take seconds and not the better part of an hour.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// What went wrong; nobody looks into it, it is shown.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The day as of which the archive is to be judged.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 18).expect("a day");

/// Records of one dossier.
pub const PER_DOSSIER: usize = 10;

/// Dossiers of one project.
const PER_PROJECT: usize = 100;

/// Mondays on which cases begin; the last leaves time for all that follows before [`TODAY`].
const MONDAYS: u64 = 60;

const ZONE: i64 = 8 * 3600;

/// Where random numbers come from: splitmix64, which is small and the same everywhere.
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end.max(1) as u64) as usize
    }

    /// One of several.
    pub fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    /// Sentences of about so many bytes altogether, in paragraphs.
    pub fn prose(&mut self, bytes: usize) -> String {
        let mut text = String::new();
        while text.len() < bytes {
            if !text.is_empty() && self.below(5) == 0 {
                text.push_str("\n\n");
            }
            let (when, who, what, then) = (self.pick(WHEN), self.pick(WHO), self.pick(WHAT), self.pick(THEN));
            text.push_str(&format!("{when}，{who}{what}，{then}。"));
        }
        text
    }

    /// Sections of about so many bytes each.
    fn sections(&mut self, names: &[&str], bytes: usize) -> String {
        names.iter().map(|name| format!("\n## {name}\n\n{}\n", self.prose(bytes))).collect()
    }
}

const WHEN: &[&str] =
    &["这一周", "会谈开始时", "上午", "晚饭以后", "回家的路上", "月初", "上次会谈以后", "周末", "夜里醒来时", "邻居来访那天"];
const WHO: &[&str] = &["案主", "案主的女儿", "案主的儿子", "老伴", "邻居", "居委会的工作人员", "社区医院的护士", "社工", "志愿者"];
const WHAT: &[&str] = &[
    "谈到近来睡得不好",
    "把记录本翻给大家看",
    "说起从前在工厂上班的日子",
    "提出想每天下楼走一走",
    "担心药费又要增加",
    "主动联系了日间照料中心",
    "把厨房和过道收拾出来",
    "一起核对了下个月的安排",
    "讲了一件让人高兴的小事",
    "问到补贴怎样申请、要带哪些材料",
];
const THEN: &[&str] = &[
    "说完松了一口气",
    "声音慢慢低了下来",
    "大家约定先试两个星期",
    "社工复述了一遍，确认没有听错",
    "仍有些犹豫，但愿意再想一想",
    "表示下次会把结果带来",
    "事后觉得比原先想的容易",
    "社工记下日期，到时再问",
    "情绪比前一次平稳",
    "也看见了自己做得到的事",
];
const SURNAMES: &[&str] =
    &["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨", "朱", "秦", "许", "何"];
const GIVEN: &[&str] =
    &["安", "柏", "岚", "澄", "棣", "璠", "谷", "珩", "嘉", "珂", "霖", "沐", "楠", "沛", "琦", "苒", "珊", "棠", "汶", "翊"];

/// A name of three characters, another for every number below eight thousand.
fn name(number: usize) -> String {
    let (a, b, c) = (number % 20, number / 20 % 20, number / 400 % 20);
    format!("{}{}{}", SURNAMES[a], GIVEN[b], GIVEN[c])
}

/// Somebody who commits.
struct Person {
    id: String,
    name: String,
}

impl Person {
    fn new(id: String, number: usize) -> Self {
        Self { id, name: format!("{}{}", SURNAMES[number % 20], GIVEN[number / 20 % 20]) }
    }

    fn entry(&self, role: &str, projects: &str) -> String {
        let Self { id, name } = self;
        format!("  - {{ id: {id}, name: {name}, emails: [{id}@example.org], roles: [{{ role: {role}, from: 2020-01-01{projects} }}] }}\n")
    }
}

/// Two or more letters for a project.
fn code(number: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    format!("P{}{}", letter(number / 26), letter(number))
}

fn seconds(day: NaiveDate, hour: i64) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() + hour * 3600 - ZONE
}

/// The files that a new archive begins with, those of the worked example left out.
fn template() -> Outcome<BTreeMap<String, Vec<u8>>> {
    fn gather(base: &Path, dir: &Path, into: &mut BTreeMap<String, Vec<u8>>) -> Outcome<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.strip_prefix(base)?.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                if name != "demo" {
                    gather(base, &path, into)?;
                }
            } else {
                into.insert(name, std::fs::read(&path)?);
            }
        }
        Ok(())
    }
    let (base, mut files) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("archive-template"), BTreeMap::new());
    gather(&base, &base, &mut files)?;
    Ok(files)
}

/// A change to a file: its path and its new content.
type Change = (String, String);

/// One branch that a worker writes and a supervisor merges.
struct Branch {
    steps: Vec<(i64, String, Vec<Change>)>,
    merged: i64,
    message: String,
}

/// One case: who does the work, and everything that is ever written in it.
struct Case {
    worker: usize,
    branches: Vec<Branch>,
}

impl Case {
    /// The case with this number, begun on a Monday; three weeks of consultation, consent, opening,
    /// plan and four sessions.
    fn write(index: usize, monday: NaiveDate, number: &str, worker: (usize, &str)) -> Self {
        let mut dice = Dice::new(index as u64);
        let folder = format!("cases/{number}");
        let day = |after: u64| monday + Days::new(after);
        let path = |form: &str| format!("{folder}/{form}.md");
        let original = |form: &str| (format!("{folder}/originals/{form}.txt"), format!("(样本){form} 签名原件扫描。档案编号:{number}\n"));
        let step = |after: u64, what: &str, changes: Vec<Change>| (seconds(day(after), 15), format!("{number} {what}"), changes);
        let branch = |steps, after: u64, what: &str| Branch {
            steps,
            merged: seconds(day(after), 17),
            message: format!("合并 {number}：{what}\n\n已阅，同意。\n\nApproved-by: "),
        };
        let client = Client::new(index, &mut dice);
        let worker_name = worker.1;
        let head = |form: &str, after: u64| format!("---\n表单: {form}\n填表日期: {}\n负责社工: {worker_name}\n", day(after));

        let opening = client.opening(&head("C03", 2), day(0), day(1), &mut dice);
        let schedule = |after: u64, rows: u64| {
            let mut text = format!("{}接触行:\n", head("C08", after));
            for row in 0..rows {
                let (at, kind) = (day([2, 8, 10, 17, 29][row as usize]), if row == 0 { "约见" } else { "电话跟进" });
                text.push_str(&format!(
                    "  - {{ 日期: {at}, 起: '09:10', 止: '09:20', 类别: {kind}, 对象: 案主, 结果: 成功, 摘要: 约定下次见面, 社工: {worker_name} }}\n"
                ));
            }
            text + "---\n"
        };
        let session = |nth: u64, after: u64, dice: &mut Dice| client.session(&head("C07", after), nth, day(after), day(after + 7), dice);
        let plan = client.plan(&head("C06", 14), day(14), worker_name, &mut dice);
        let (first, second) = (session(1, 7, &mut dice), session(2, 14, &mut dice));
        let (third, fourth) = (session(3, 21, &mut dice), session(4, 28, &mut dice));
        let more = |text: &str, dice: &mut Dice| format!("{text}\n{}\n", dice.prose(200));

        let branches = vec![
            branch(
                vec![
                    step(0, "咨询记录", vec![(path("C02"), client.consultation(&head("C02", 0), number, day(0), &mut dice))]),
                    step(
                        1,
                        "知情同意书",
                        vec![(path("C04"), client.consent(&head("C04", 1), day(1), worker_name, &mut dice)), original("C04")],
                    ),
                    step(
                        2,
                        "提交开案记录",
                        vec![(path("C01"), head("C01", 2) + "---\n"), (path("C03"), opening.clone()), (path("C08"), schedule(2, 1))],
                    ),
                    step(3, "补写开案记录", vec![(path("C03"), more(&opening, &mut dice))]),
                ],
                4,
                "开案审批",
            ),
            branch(
                vec![
                    step(7, "第 1 节会谈记录", vec![(path("C07-01"), first.clone())]),
                    step(8, "服务日程", vec![(path("C08"), schedule(8, 2))]),
                    step(9, "补写第 1 节会谈记录", vec![(path("C07-01"), more(&first, &mut dice))]),
                    step(10, "服务日程", vec![(path("C08"), schedule(10, 3))]),
                ],
                11,
                "会谈记录阅签",
            ),
            branch(
                vec![
                    step(14, "提交介入计划", vec![(path("C06"), plan.clone()), (path("C07-02"), second.clone()), original("C06")]),
                    step(15, "补写介入计划", vec![(path("C06"), more(&plan, &mut dice))]),
                    step(16, "补写第 2 节会谈记录", vec![(path("C07-02"), more(&second, &mut dice))]),
                    step(17, "服务日程", vec![(path("C08"), schedule(17, 4))]),
                ],
                18,
                "介入计划审阅",
            ),
            branch(
                vec![
                    step(21, "第 3 节会谈记录", vec![(path("C07-03"), third.clone())]),
                    step(22, "补写第 3 节会谈记录", vec![(path("C07-03"), more(&third, &mut dice))]),
                    step(28, "第 4 节会谈记录", vec![(path("C07-04"), fourth)]),
                    step(29, "服务日程", vec![(path("C08"), schedule(29, 5))]),
                ],
                30,
                "会谈记录阅签",
            ),
        ];
        Self { worker: worker.0, branches }
    }
}

/// Whom a case is about.
struct Client {
    name: String,
    pseudonym: String,
    born: NaiveDate,
    sex: &'static str,
    phone: String,
}

impl Client {
    fn new(index: usize, dice: &mut Dice) -> Self {
        let born = NaiveDate::from_ymd_opt(1940, 1, 1).unwrap_or_default() + Days::new(dice.below(18 * 365) as u64);
        Self {
            name: name(index),
            pseudonym: format!("案主-{:04}", index % 9999 + 1),
            born,
            sex: dice.pick(&["男", "女"]),
            phone: format!("138{:08}", index + 1),
        }
    }

    fn consultation(&self, head: &str, number: &str, day: NaiveDate, dice: &mut Dice) -> String {
        let Self { name, born, sex, phone, .. } = self;
        let number = number.replace("-C", "-Z");
        let prose = dice.sections(&["求助经过与诉求", "问题概况", "初步评估", "咨询内容与建议", "后续安排"], 420);
        format!(
            "{head}咨询编号: {number}
申请方式: 亲临服务点
申请日期: {day}
受理日期: {day}
咨询时间: {day}T10:00
时长: 60
咨询形式: 面谈
地点: 服务点咨询室
求助者姓名: {name}
求助者与案主关系: 本人
案主姓名: {name}
性别: {sex}
出生日期: {born}
联系电话: '{phone}'
住址/社区: 湖澄辛坊
服务类别: [老人(60岁以上)]
来源: 主动求助(自愿)
问题类别: [照顾负担, 情绪与压力, 健康与康复]
危机块:
  - {{ 风险类型: [无], 等级: 无 }}
已告知服务机制: [申请机制, 退出机制, 权利与责任, 服务程序, 保密与例外]
处理结果: 转为辅导个案
开案记录: C03
---
{prose}"
        )
    }

    fn consent(&self, head: &str, day: NaiveDate, worker: &str, dice: &mut Dice) -> String {
        let name = &self.name;
        let prose = dice.sections(&["告知要点记录", "特别约定"], 800);
        format!(
            "{head}讲解日期: {day}
讲解语言: 普通话
已理解事项: [服务内容与方法, 费用, 申请与退出机制, 权利, 责任, 服务程序, 保密, 保密例外, 资料查阅更正删除, 投诉渠道, 社工受督导及案例讨论]
资料使用同意: [建立纸质档案, 建立电子档案, 处理敏感资料(单独同意), 机构内督导讨论, 购买方抽查]
录音录像: 不同意
联系方式限制: 上午九点至十一点联系
同意开案: 是
案主签名: {{ 签名人: {name}, 身份: 案主, 日期: {day}, 形式: 纸质, 存放: 档案柜 1层-3盒 }}
社工签名: {{ 签名人: {worker}, 身份: 社工, 日期: {day}, 形式: 纸质, 存放: 档案柜 1层-3盒 }}
扫描件: {{ 名称: 个案辅导知情同意书, 路径: originals/C04.txt, 页数: 2, 存放: 档案柜 1层-3盒 }}
原件:
  - {{ 名称: 个案辅导知情同意书, 形式: 纸质原件, 页数: 2, 存放位置: 档案柜 1层-3盒 }}
---
{prose}"
        )
    }

    fn opening(&self, head: &str, asked: NaiveDate, opened: NaiveDate, dice: &mut Dice) -> String {
        let Self { name, pseudonym, born, sex, phone } = self;
        let age = asked.year() - born.year();
        let names = ["求助背景与过程", "个人资料分析", "环境资料分析", "问题界定", "问题排序与解释"];
        let rest = ["问题系统与原因系统", "已作努力及未能解决的原因", "能力与优势", "弱点与限制", "开案理由与介入方向"];
        let prose = dice.sections(&names, 300) + &dice.sections(&rest, 200);
        format!(
            "{head}咨询记录: C02
开案日期: {opened}
来源: 主动求助(自愿)
服务类别: [老人(60岁以上)]
案主姓名: {name}
案主代号: {pseudonym}
性别: {sex}
出生日期: {born}
联系电话: '{phone}'
现住址: 湖澄辛坊{age}栋
户籍: 本市
婚姻: 已婚
文化程度: 高中中专
就业就学: 退休
经济来源: [退休金]
居住状况: 自有
同住情况: 与配偶
健康状况: 高血压
行为能力: 完全
紧急联系人:
  - {{ 姓名: 马示例, 关系: 儿子, 电话: '13800000105' }}
家庭成员:
  - {{ 称谓: 配偶, 年龄: 66, 同住: 是, 职业: 退休, 健康: 认知障碍, 备注: 需人陪护 }}
  - {{ 称谓: 儿子, 性别: 男, 年龄: 40, 同住: 否, 职业: 司机, 健康: 良好, 备注: 周末来替手 }}
主要问题: [照顾负担, 情绪与压力, 健康与康复]
预估方法: [社会历史报告]
危机块:
  - {{ 风险类型: [无], 等级: 无 }}
知情同意: C04
拟定会谈频率: 每两周一次
---
{prose}"
        )
    }

    fn plan(&self, head: &str, day: NaiveDate, worker: &str, dice: &mut Dice) -> String {
        let name = &self.name;
        let (near, far) = (day + Days::new(20), day + Days::new(80));
        let prose = dice.sections(&["理论与模式", "介入策略说明", "服务协议要点", "案主意见"], 350);
        format!(
            "{head}版本: 1
计划日期: {day}
总目的: 减轻照顾负担，使照顾者能够持续而有尊严地照顾
关注的问题与对象:
  - {{ 序号: 1, 问题: 照顾负担, 关注对象: 家庭, 说明: 独力照顾，夜间无替手 }}
  - {{ 序号: 2, 问题: 情绪与压力, 关注对象: 个人, 说明: 睡眠不足，容易急躁 }}
目标:
  - 编号: O1
    描述: 每周有可以安睡的夜晚
    对应问题: 照顾负担
    类型: 短期
    衡量指标: 每周整觉夜数
    基线值: 零夜
    目标值: 三夜
    期限: {far}
    权重: 3
    尺度-2: 零夜
    尺度-1: 一夜
    尺度0: 三夜
    尺度+1: 四夜
    尺度+2: 五夜以上
介入类型: 综合
直接策略: [整合现有资源]
间接策略: [协调连接服务资源, 运用社区资源]
介入层次: [个人, 家庭, 社区]
合作者:
  - {{ 单位或人: 日间照料中心, 角色: 资源提供者, 分工: 试托每周两天, 已同意: 是 }}
角色:
  - {{ 方: 社工, 角色: 协调者, 责任: 连接试托与补贴 }}
  - {{ 方: 案主, 角色: 照顾者, 责任: 记录睡眠，练习三步 }}
行动步骤:
  - {{ 序号: 1, 对应目标: [O1], 内容: 儿子每周三晚陪夜, 负责方: 家属, 开始: {day}, 截止: {far} }}
  - {{ 序号: 2, 对应目标: [O1], 内容: 试托日间照料两天, 负责方: 案主, 开始: {day}, 截止: {near} }}
预计节数: 6
预计结束日: {far}
协议形式: 书面
案主签名: {{ 签名人: {name}, 身份: 案主, 日期: {day}, 形式: 纸质, 存放: 档案柜 1层-3盒 }}
社工签名: {{ 签名人: {worker}, 身份: 社工, 日期: {day}, 形式: 纸质, 存放: 档案柜 1层-3盒 }}
下次检讨日: {far}
原件:
  - 名称: 个案介入计划表
    形式: 纸质原件
    页数: 3
    扫描件: {{ 名称: 个案介入计划表, 路径: originals/C06.txt, 页数: 3, 存放: 档案柜 1层-3盒 }}
    存放位置: 档案柜 1层-3盒
---
{prose}"
        )
    }

    fn session(&self, head: &str, nth: u64, day: NaiveDate, next: NaiveDate, dice: &mut Dice) -> String {
        let pseudonym = &self.pseudonym;
        let aims = if nth <= 2 {
            "对应目标: [关系建立/预估]".to_owned()
        } else {
            format!("对应目标: [O1]\n目标进展:\n  - {{ 目标编号: O1, 尺度: {}, 依据: 照记录本 }}", nth as i64 - 4)
        };
        let names = ["本节目的", "会谈过程", "案主表现", "目标进展评估", "社工分析与反思", "下一步计划"];
        let prose = dice.sections(&names[..1], 60) + &dice.sections(&names[1..2], 1100) + &dice.sections(&names[2..], 330);
        format!(
            "{head}节次: {nth}
开始: {day}T09:30
结束: {day}T10:30
形式: 家访
地点: 案主家中
参加者:
  - {{ 人: {pseudonym}, 与案主关系: 本人 }}
{aims}
介入策略: [整合现有资源]
危机块:
  - {{ 风险类型: [无], 等级: 无 }}
下次约定: {next}T09:30
---
{prose}"
        )
    }
}

/// The registration of a project.
fn project(code: &str, number: usize) -> String {
    format!(
        "---
表单: S1
填表日期: 2025-01-02
项目代码: {code}
名称: {code} 示例街道社工服务项目
项目类型: 岗位社工服务项目
合同起: 2025-01-01
合同止: 2026-12-31
服务类别: [老人(60岁以上), 家庭]
服务点: {code} 示例街道社会工作服务站
年度指标:
  - {{ 年度: 2026, 个案: 200, 小组: 6, 活动: 24, 人次: 9000, 备注: 合同附件一 }}
项目主管: 赵敏
项目所在单位: {code} 示例街道办事处
项目所在单位联系人: 刘示例 主任
项目所在单位电话: '0755-0001{number:04}'
购买方: 示例区民政局
购买方联系人: 方示例 科长
购买方电话: '0755-00000024'
个案专线: '0755-0002{number:04}'
---

## 日历与期限口径

照机构默认的国家工作日历计算。
"
    )
}

/// Makes an archive of so many records (ten to a dossier) with two commits for each: branches of four
/// commits, each merged into `main` by somebody who may approve. `dir` is made.
pub fn archive(dir: &Path, records: usize) -> Outcome<()> {
    let dossiers = records / PER_DOSSIER;
    let projects = dossiers.div_ceil(PER_PROJECT);
    // Names of staff are two characters long, those of clients three, so nobody is mistaken for another.
    let worker = |number: usize| Person::new(format!("worker{number}"), number);
    let workers: Vec<Person> = (0..2 * projects).map(worker).collect();
    let director = Person { id: "chenjing".to_owned(), name: "陈静".to_owned() };
    let supervisor = Person { id: "wangfang".to_owned(), name: "王芳".to_owned() };
    let officer = Person { id: "zhaomin".to_owned(), name: "赵敏".to_owned() };
    let mut people = String::from("people:\n");
    people += &director.entry("督导", "");
    people += &supervisor.entry("初级督导", "");
    people += &officer.entry("项目主管", "");
    for (number, worker) in workers.iter().enumerate() {
        people += &worker.entry("社工", &format!(", projects: [{}]", code(number / 2)));
    }
    let mut files = template()?;
    files.insert("people.yaml".to_owned(), people.into_bytes());
    for number in 0..projects {
        let code = code(number);
        files.insert(format!("projects/{code}/S1.md"), project(&code, number).into_bytes());
    }
    let begun = NaiveDate::from_isoywd_opt(2025, 2, Weekday::Mon).ok_or("no such week")?;
    let cases: Vec<Case> = (0..dossiers)
        .map(|index| {
            let monday = begun + Days::new(7 * (index as u64 * MONDAYS / dossiers as u64));
            let (project, serial) = (index % projects, index / projects + 1);
            let number = format!("{}-C{}-{serial:03}", code(project), monday.year());
            let worker = 2 * project + serial % 2;
            Case::write(index, monday, &number, (worker, &workers[worker].name))
        })
        .collect();

    // Everything that happens, in the order of time: (when, case, branch, step or the merge).
    let mut events = Vec::new();
    for (c, case) in cases.iter().enumerate() {
        for (b, branch) in case.branches.iter().enumerate() {
            events.extend(branch.steps.iter().enumerate().map(|(s, step)| (step.0, c, b, Some(s))));
            events.push((branch.merged, c, b, None));
        }
    }
    events.sort_by_key(|&(at, case, branch, step)| (at, case, branch, step.is_none(), step));

    let mut stream = Stream::open(dir)?;
    let all = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    let mut main = stream.commit("main", (&officer, seconds(begun, -8)), "建立档案库", &[], all)?;
    let mut tips: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (at, c, b, step) in events {
        let (case, branch) = (&cases[c], &cases[c].branches[b]);
        match step {
            Some(s) => {
                let (_, message, changes) = &branch.steps[s];
                let parent = tips.get(&(c, b)).copied().unwrap_or(main);
                let changes = changes.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
                tips.insert((c, b), stream.commit("side", (&workers[case.worker], at), message, &[parent], changes)?);
            }
            None => {
                let changes: BTreeMap<&str, &[u8]> =
                    branch.steps.iter().flat_map(|(.., changes)| changes).map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
                let who = if b == 2 { &director } else { &supervisor };
                let message = format!("{}{} <{}@example.org>\n", branch.message, who.name, who.id);
                let side = tips.remove(&(c, b)).ok_or("a branch without commits")?;
                main = stream.commit("main", (who, at), &message, &[main, side], changes.into_iter())?;
            }
        }
    }
    stream.close(dir)
}

/// Makes a repository of so many commits on so many files, again in branches of four; none of its
/// files is a record.
pub fn commits(dir: &Path, commits: usize, files: usize) -> Outcome<()> {
    let who = Person { id: "somebody".to_owned(), name: "某人".to_owned() };
    let mut dice = Dice::new(commits as u64);
    let mut stream = Stream::open(dir)?;
    let path = |file: usize| format!("cases/D{:04}/R{:02}.md", file / PER_DOSSIER, file % PER_DOSSIER);
    let first: Vec<(String, String)> = (0..files).map(|file| (path(file), format!("{file}\n"))).collect();
    let (mut at, mut made) = (seconds(TODAY, 0) - 1000 * commits as i64, 1);
    let first = first.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let settings = [("anjuan.yaml", &b"organisation: bench\n"[..])];
    let mut main = stream.commit("main", (&who, at), "first", &[], first.chain(settings))?;
    while made < commits {
        let (mut side, mut changes) = (main, BTreeMap::new());
        for _ in 0..4.min(commits - made) {
            let (path, text) = (path(dice.below(files)), format!("{made}\n"));
            (at, made) = (at + 1000, made + 1);
            side = stream.commit("side", (&who, at), "change", &[side], [(path.as_str(), text.as_bytes())].into_iter())?;
            changes.insert(path, text);
        }
        if made < commits {
            (at, made) = (at + 1000, made + 1);
            let changes = changes.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
            main = stream.commit("main", (&who, at), "merge", &[main, side], changes)?;
        }
    }
    stream.close(dir)
}

/// A `git` that heeds no settings of this machine.
pub fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(dir).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git
}

fn run(command: &mut Command) -> Outcome<()> {
    let ended = command.status()?;
    if ended.success() { Ok(()) } else { Err(format!("{command:?}: {ended}").into()) }
}

/// Commits on their way into `git fast-import`.
struct Stream {
    child: std::process::Child,
    out: BufWriter<std::process::ChildStdin>,
    marks: usize,
}

impl Stream {
    fn open(dir: &Path) -> Outcome<Self> {
        std::fs::create_dir_all(dir)?;
        run(git(dir).args(["init", "--quiet", "--initial-branch=main", "--template="]))?;
        run(git(dir).args(["config", "core.quotepath", "false"]))?;
        let mut child = git(dir).args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
        let out = BufWriter::new(child.stdin.take().ok_or("no stream into git")?);
        Ok(Self { child, out, marks: 0 })
    }

    /// Writes one commit on the first of its parents; what a merge takes over is said file by file.
    fn commit<'c>(
        &mut self,
        branch: &str,
        (who, at): (&Person, i64),
        message: &str,
        parents: &[usize],
        changes: impl Iterator<Item = (&'c str, &'c [u8])>,
    ) -> Outcome<usize> {
        let (out, Person { id, name }) = (&mut self.out, who);
        self.marks += 1;
        writeln!(out, "commit refs/heads/{branch}\nmark :{}", self.marks)?;
        writeln!(out, "committer {name} <{id}@example.org> {at} +0800\ndata {}\n{message}", message.len())?;
        for (nth, parent) in parents.iter().enumerate() {
            writeln!(out, "{} :{parent}", if nth == 0 { "from" } else { "merge" })?;
        }
        for (path, bytes) in changes {
            writeln!(out, "M 100644 inline {path}\ndata {}", bytes.len())?;
            out.write_all(bytes)?;
            writeln!(out)?;
        }
        Ok(self.marks)
    }

    /// Forgets the branch on which the sides were written, as one deletes merged branches, and fills the folder.
    fn close(mut self, dir: &Path) -> Outcome<()> {
        writeln!(self.out, "reset refs/heads/side\nfrom {}\n", "0".repeat(40))?;
        drop(self.out.into_inner()?);
        let ended = self.child.wait()?;
        if !ended.success() {
            return Err(format!("git fast-import: {ended}").into());
        }
        run(git(dir).args(["reset", "--quiet", "--hard"]))
    }
}
