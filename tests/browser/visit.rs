//! What people do on the site, done in a real browser: from a folder, from `serve`, with the keyboard alone,
//! in the dark, on a narrow screen and on paper.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};

use super::driver::{Browser, DOWN, ENTER, TAB, line_with};
use super::{base64, has};
use crate::support::anjuan;

const TODAY: &str = "2026-06-18";

/// Pages of every kind.
const PAGES: &[&str] = &[
    "index.html",
    "search/index.html?q=%E5%8D%B1%E6%9C%BA",
    "deadlines/index.html",
    "queue/index.html",
    "dossiers/index.html",
    "dossiers/index.html#kind=%E4%B8%AA%E6%A1%88&state=running&from=2026-03-01",
    "dossiers/NS-C2026-001.html",
    "records/NS-C2026-001/C03.html",
    "records/NS-C2026-002/C06.html",
    "findings/index.html",
    "statistics/index.html",
    "log/index.html",
    "log/law.html",
    "projects/NS.html",
    "people/index.html",
    "forms/C03.html",
    "people/wangfang.html",
    "guide/01-worker.html",
];

#[test]
fn people_find_their_way() {
    if !["chromedriver", "chromium", "pdftotext"].into_iter().all(has) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let out = anjuan(&["demo", demo.to_str().unwrap(), "--no-papers"]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let browser = Browser::start();
    let folder = format!("file://{}/site/", demo.display());
    let server = Server::start(&demo);
    for site in [&folder, &server.address] {
        let visit = Visit { browser: &browser, site };
        visit.daily_work();
        visit.several_filters();
        visit.keyboard_alone();
        visit.dark();
        visit.printed(dir.path());
        if site.starts_with("http") {
            visit.follows_whoever_writes(&demo);
            visit.lets_go_of_the_server();
        }
        visit.nothing_said_and_nothing_sent();
    }
    let visit = Visit { browser: &browser, site: &folder };
    visit.every_width();
    visit.nothing_said_and_nothing_sent();
    visit.no_barriers();
}

/// `anjuan serve` on a free port; it ends with this.
struct Server {
    process: Child,
    // Held, so that it may go on writing.
    _says: BufReader<ChildStderr>,
    address: String,
}

impl Server {
    fn start(demo: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_anjuan"))
            .args(["-C", demo.to_str().unwrap(), "--today", TODAY, "--lang", "zh", "serve", "--audience", "保密", "--addr", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut says = BufReader::new(process.stderr.take().unwrap());
        let line = line_with(&mut says, "http://");
        let address = line.split(' ').find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { process, _says: says, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Visit<'b> {
    browser: &'b Browser,
    /// Where its pages begin, with a slash at the end.
    site: &'b str,
}

impl Visit<'_> {
    fn open(&self, page: &str) {
        self.browser.open(&format!("{}{page}", self.site));
        if page.starts_with("search/") {
            self.browser.until("document.querySelector('.hits li')");
        }
        if page.starts_with("dossiers/index.html") {
            self.browser.until("!document.querySelector('[data-sieve] form').hidden");
        }
        if page.starts_with("dossiers/index.html#") {
            self.browser.until("document.querySelector('[data-sieve] output').textContent");
        }
    }

    /// Waits until a page of the site is there.
    fn arrives(&self, page: &str) {
        self.browser.until(&format!("document.readyState === 'complete' && location.href.startsWith('{}{page}')", self.site));
    }

    /// Start, a list narrowed down, two characters searched for, a dossier, a record, and a number traced to what it counts.
    fn daily_work(&self) {
        let b = self.browser;
        b.size(1280, 900);
        b.scheme("light");
        self.open("index.html");
        assert_eq!(b.text("document.querySelector('h1').textContent"), "今日事项");
        // A figure of the day leads to the list that it counts.
        let overdue: usize = b.text("document.querySelector('.tallies .bad .figure').textContent").parse().unwrap();
        b.click(".tallies .bad a");
        b.until(
            "location.hash === '#overdue' && Math.abs(document.querySelector('#overdue').getBoundingClientRect().top) < innerHeight / 2",
        );
        let rest = "document.querySelector('#overdue > p a')";
        assert!(b.text(&format!("{rest}.textContent")).contains(&overdue.to_string()), "the list is cut short and says of how many");
        b.run(&format!("{rest}.scrollIntoView()"));
        b.click("#overdue > p a");
        b.until(&format!("document.querySelectorAll('main tbody tr').length === {overdue}"));
        self.open("index.html");

        let shown = "[...document.querySelectorAll('.duties tbody tr')].filter((row) => row.checkVisibility())";
        let all: usize = b.text(&format!("{shown}.length")).parse().unwrap();
        b.fill(".filter input", "周小满");
        b.until(&format!("{shown}.length < {all} && {shown}.every((row) => row.textContent.includes('周小满'))"));
        let said = b.text("document.querySelector('.filter output').textContent");
        assert_eq!(said, format!("{} / {all}", b.text(&format!("{shown}.length"))));

        b.fill(".seek input", &format!("危机{ENTER}"));
        self.arrives("search/index.html");
        b.until("document.querySelector('.hits mark')");
        assert_eq!(b.text("document.querySelector('.hits mark').textContent"), "危机");
        b.click(".hits .head a");
        self.arrives("");
        b.until("!location.href.includes('search') && document.querySelector('main').textContent.includes('危机')");

        self.open("dossiers/index.html");
        b.click("main a[href$='dossiers/NS-C2026-001.html']");
        self.arrives("dossiers/NS-C2026-001.html");
        b.click(".course svg a[href*='records/']");
        self.arrives("records/NS-C2026-001/");
        assert!(b.text("document.querySelector('.eyebrow').textContent").contains("NS-C2026-001"));

        // A total of the statistics leads to the records that it counts.
        self.open("statistics/index.html");
        let number = "document.querySelector('.statistics td:last-child a')";
        let (counted, target) = (b.text(&format!("{number}.textContent")), b.text(&format!("{number}.href")));
        b.click(".statistics td:last-child a");
        b.until(&format!("location.href === '{target}'"));
        let rows: usize = b.text("document.querySelectorAll('main tbody tr').length").parse().unwrap();
        assert_eq!(rows.to_string(), counted.trim(), "{target}");
        b.click("main tbody a[href*='records/'], main tbody a[href*='dossiers/']");
        b.until("/(records|dossiers)\\//.test(location.pathname)");
    }

    /// A list narrowed down by several things at once, sent on as an address, and let go again.
    fn several_filters(&self) {
        const ROWS: &str = "document.querySelectorAll('.dossiers tbody tr').length";
        const SAID: &str = "document.querySelector('[data-sieve] output').textContent";
        let b = self.browser;
        b.size(1280, 900);
        self.open("dossiers/index.html");
        let all: usize = b.text(ROWS).parse().unwrap();
        let number = |script: &str| b.text(script).parse::<usize>().unwrap();
        // What an option says is what one gets.
        let offered = |name: &str, value: &str| {
            let option = format!("document.querySelector('[name={name}] option[value=\"{value}\"]').text");
            let text = b.text(&option);
            text.rsplit('(').next().unwrap().trim_end_matches(')').parse::<usize>().unwrap()
        };
        let ns = offered("project", "NS");
        b.click("[name=project] option[value=NS]");
        b.until(&format!("{ROWS} === {ns} && {SAID}.startsWith('{ns} / {all}')"));
        let cases = offered("kind", "个案");
        assert!(cases > 0 && cases < ns && ns < all, "{cases} {ns} {all}");
        b.click("[name=kind] option[value=个案]");
        b.until(&format!("{ROWS} === {cases}"));
        let closed = offered("state", "closed");
        b.click("[name=state] option[value=closed]");
        b.until(&format!("{ROWS} === {closed}"));
        assert!(closed > 0 && closed < cases, "{closed} {cases}");
        let each = "[...document.querySelectorAll('.dossiers tbody tr')].every((row) =>
            row.textContent.includes('个案') && row.querySelector('.key').textContent.startsWith('NS-C') && row.querySelectorAll('time[datetime]').length > 1)";
        b.until(each);
        assert!(b.text(SAID).contains("项目 NS · 类型 个案 · 状态 已结"), "{}", b.text(SAID));
        // What is asked for is in the address, and another browser gets the same from it.
        let address = b.address();
        assert!(address.contains("#project=NS&kind=") && address.ends_with("&state=closed"), "{address}");
        self.open("index.html");
        b.open(&address);
        b.until(&format!("{ROWS} === {closed} && {SAID}.startsWith('{closed} / {all}')"));
        // From there to a dossier and back. What is clicked before a page is there takes its place, and there is no way back.
        b.until("document.readyState === 'complete'");
        b.click(".dossiers tbody a");
        b.until("location.pathname.includes('/dossiers/NS-C') && document.readyState === 'complete'");
        b.back();
        b.until(&format!("{ROWS} === {closed}"));
        // The way past the head is no question.
        b.run("location.hash = '#main'");
        b.until(&format!("{ROWS} === {closed}"));
        // A period, by when a dossier was opened and by when it ran.
        b.click("[data-sieve] [type=reset]");
        b.until(&format!("{ROWS} === {all} && {SAID} === '' && !location.hash.includes('=')"));
        let days = "[...document.querySelectorAll('.dossiers tbody td.date:nth-child(7) time')].map((own) => own.dateTime)";
        b.run("const from = document.querySelector('[name=from]'); from.value = '2026-05-01'; from.dispatchEvent(new Event('change'))");
        b.until(&format!("{ROWS} < {all} && {days}.length > 0 && {days}.every((day) => day >= '2026-05-01')"));
        let opened = number(ROWS);
        b.click("[name=when] option[value=during]");
        b.until(&format!("{ROWS} > {opened}"));
        b.fill("[data-sieve] [name=q]", "ns-c");
        b.until(&format!("{SAID}.includes('“ns-c”') && {ROWS} > 0 && [...document.querySelectorAll('.dossiers .key')].every((own) => own.textContent.startsWith('NS-C'))"));
        // By another order, and nothing at all.
        b.click("[name=order] option[value=opened]");
        b.until(&format!("JSON.stringify({days}) === JSON.stringify({days}.sort().reverse())"));
        b.fill("[data-sieve] [name=q]", "zqx");
        b.until(&format!("{ROWS} === 0 && {SAID}.startsWith('0 / {all}')"));
        // The page of one part leads to the same with more to choose from.
        self.open("dossiers/project/NS.html");
        b.click("main p > a[href*='index.html#']");
        b.until(&format!("location.pathname.endsWith('dossiers/index.html') && {ROWS} === {ns}"));
        // With keys alone: the focus stays where one chooses.
        self.open("dossiers/index.html");
        b.run("document.querySelector('[name=kind]').focus()");
        b.press(DOWN);
        b.until(&format!("{SAID} !== '' && document.activeElement.name === 'kind'"));
        let first = b.text("document.querySelector('[name=kind]').value");
        b.press(DOWN);
        b.until(&format!("document.querySelector('[name=kind]').value !== '{first}' && document.activeElement.name === 'kind'"));
        b.press(TAB);
        b.until("document.activeElement.name === 'stage' || document.activeElement.name === 'state'");
    }

    /// The same without a pointer, and the focus can be seen wherever it is.
    fn keyboard_alone(&self) {
        let b = self.browser;
        self.open("index.html");
        assert_eq!(self.tab()[1], "skip", "the first stop leads past the head");
        b.press(ENTER);
        b.until("document.activeElement.id === 'main'");
        self.open("index.html");
        self.tab_to("seek", 4);
        // As an input method hands it over.
        b.chrome("Input.insertText", json!({ "text": "危机" }));
        b.press(ENTER);
        self.arrives("search/index.html");
        b.until("document.querySelector('.hits li')");

        self.open("index.html");
        self.tab_to("案卷", 14);
        b.press(ENTER);
        self.arrives("dossiers/index.html");
        self.tab_to("NS-C2026-001", 200);
        b.press(ENTER);
        self.arrives("dossiers/NS-C2026-001.html");
        // What folds opens, and drawings can be scrolled.
        self.tab_to("SUMMARY", 60);
        b.press(ENTER);
        b.until("document.activeElement.parentElement.open");
    }

    /// Presses Tab and says where that led: element, classes of it and of its form, text.
    fn tab(&self) -> Vec<String> {
        const STOP: &str = "const here = document.activeElement;
            const box = here.getBoundingClientRect();
            const look = getComputedStyle(here);
            const seen = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 1
              && box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
            const place = [here, here.closest('form')].map((own) => (own && own.getAttribute('class')) || '');
            return [here === document.body || seen, here.tagName, ...place, here.textContent.trim()];";
        self.browser.press(TAB);
        let stop = self.browser.run(STOP);
        let place: Vec<String> = stop.as_array().unwrap().iter().skip(1).map(|part| part.as_str().unwrap().to_owned()).collect();
        assert!(stop[0] == Value::Bool(true), "{}: the focus is not to be seen: {place:?}", self.browser.address());
        place
    }

    /// Presses Tab until one of the words of [`Visit::tab`] is there.
    fn tab_to(&self, word: &str, most: usize) {
        let mut stops = Vec::new();
        for _ in 0..most {
            let stop = self.tab();
            if stop.iter().any(|part| part == word) {
                return;
            }
            stops.push(stop);
        }
        panic!("{}: {word} is not among {stops:?}", self.browser.address());
    }

    fn dark(&self) {
        let b = self.browser;
        // Of page and text, from black to white.
        const LIGHT: &str = "return ['backgroundColor', 'color'].map((part) =>
            getComputedStyle(document.documentElement)[part].match(/\\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0) / 765)";
        self.open("records/NS-C2026-001/C03.html");
        let shade = |scheme: &str| {
            b.scheme(scheme);
            let [page, text] = [0, 1].map(|n| b.run(LIGHT)[n].as_f64().unwrap());
            (page, text)
        };
        let ((page, text), (day_page, day_text)) = (shade("dark"), shade("light"));
        assert!(page < 0.2 && text > 0.7 && day_page > 0.9 && day_text < 0.3, "{page} {text} {day_page} {day_text}");
    }

    fn printed(&self, into: &Path) {
        for (page, words) in [("index.html", "今日事项"), ("records/NS-C2026-001/C03.html", "求助背景与过程")] {
            self.open(page);
            let made =
                self.browser.chrome("Page.printToPDF", json!({ "paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": true }));
            let pdf = into.join("printed.pdf");
            std::fs::write(&pdf, base64(made["data"].as_str().unwrap())).unwrap();
            let out = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output().unwrap();
            let text = String::from_utf8_lossy(&out.stdout);
            assert!(text.contains(words) && text.contains(TODAY), "{page}: {text}");
            assert!(!text.contains("使用指引") && !text.contains("跳到正文"), "{page}: what one only clicks on is not printed");
        }
    }

    /// No page is wider than the screen. With ANJUAN_SHOTS=DIR pictures are kept to be looked at.
    fn every_width(&self) {
        let b = self.browser;
        let shots = std::env::var_os("ANJUAN_SHOTS").map(PathBuf::from);
        let mut wide = Vec::new();
        let all = [("light", 1280), ("light", 390), ("dark", 1280), ("dark", 390)];
        for (scheme, width) in all.into_iter().take(if shots.is_some() { 4 } else { 2 }) {
            b.scheme(scheme);
            for page in PAGES {
                b.size(width, 900);
                self.open(page);
                let over = b.run(
                    "const room = document.documentElement.clientWidth;
                     return document.documentElement.scrollWidth <= room ? null : [...document.querySelectorAll('body *')]
                       .filter((own) => own.getBoundingClientRect().right > room + 1 && !own.closest('.scroll, figure, pre'))
                       .slice(0, 3).map((own) => own.outerHTML.slice(0, 90))",
                );
                if !over.is_null() {
                    wide.push(format!("{page} at {width}: {over}"));
                }
                if let Some(shots) = &shots {
                    let height = b.run("return Math.min(document.documentElement.scrollHeight, 2400)").as_u64().unwrap();
                    b.size(width, u32::try_from(height).unwrap());
                    let picture = b.chrome("Page.captureScreenshot", json!({}));
                    let name = page.split('?').next().unwrap().replace('/', "-").replace(".html", "");
                    std::fs::create_dir_all(shots).unwrap();
                    std::fs::write(shots.join(format!("{name}-{width}-{scheme}.png")), base64(picture["data"].as_str().unwrap())).unwrap();
                }
            }
        }
        assert!(wide.is_empty(), "{}", wide.join("\n"));
    }

    /// The console has no error, and nothing was asked of another machine.
    fn nothing_said_and_nothing_sent(&self) {
        let said: Vec<Value> = self.browser.log("browser").into_iter().filter(|entry| entry["level"] == "SEVERE").collect();
        assert!(said.is_empty(), "{said:#?}");
        let log: Vec<Value> =
            self.browser.log("performance").iter().filter_map(|entry| serde_json::from_str(entry["message"].as_str()?).ok()).collect();
        let requests = log.iter().map(|entry| &entry["message"]).filter(|entry| entry["method"] == "Network.requestWillBeSent");
        let sent: Vec<&str> = requests.filter_map(|entry| entry["params"]["request"]["url"].as_str()).collect();
        assert!(sent.iter().filter(|url| url.starts_with(self.site)).count() > 20, "the log has what was loaded: {sent:?}");
        let away: Vec<&&str> = sent.iter().filter(|url| !url.starts_with(self.site) && !url.starts_with("data:")).collect();
        assert!(away.is_empty(), "{away:?}");
    }

    /// `serve` tells each page when to reload. A page that is left gives that connection back: there are six, and without one
    /// left the next page does not come.
    fn lets_go_of_the_server(&self) {
        self.open("index.html");
        self.browser.until("news.readyState === EventSource.OPEN");
        let left = "dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })); return news.readyState === EventSource.CLOSED";
        assert_eq!(self.browser.run(left), Value::Bool(true));
    }

    /// A record that is saved is on the open page at once, with what is wrong in it over the page; an index that names it follows
    /// with the whole site.
    fn follows_whoever_writes(&self, demo: &Path) {
        let b = self.browser;
        let file = demo.join("cases/NS-C2026-005/C07-03.md");
        let before = std::fs::read_to_string(&file).unwrap();
        let date = before.lines().find(|line| line.starts_with("填表日期: ")).unwrap();
        self.open("records/NS-C2026-005/C07-03.html");
        b.until("news.readyState === EventSource.OPEN");
        let wrong = before.replace(date, "填表日期: 2026-06-31") + "\n现在写下的一句话。\n";
        std::fs::write(&file, wrong).unwrap();
        b.until("document.querySelector('main').textContent.includes('现在写下的一句话')");
        b.until("document.querySelector('#live .error') && document.querySelector('#live').textContent.includes('填表日期')");
        // Of what rests on other dossiers it is told what the whole build knew: the project is registered.
        assert_eq!(
            b.text("document.querySelectorAll('#live .error').length"),
            "1",
            "{}",
            b.text("document.querySelector('#live').textContent")
        );
        assert!(!b.text("document.querySelector('#live').textContent").contains("项目类型"));
        // Closed, it stays closed on the next page.
        b.click("#live summary");
        b.until("sessionStorage.getItem('live') === 'closed'");
        self.open("dossiers/NS-C2026-005.html");
        b.until("document.querySelector('#live') && !document.querySelector('#live').open");
        std::fs::write(&file, before).unwrap();
        b.until("!document.querySelector('#live')?.textContent.includes('2026-06-31')");
        self.open("records/NS-C2026-005/C07-03.html");
        b.until("!document.querySelector('main').textContent.includes('现在写下的一句话')");
        b.run("sessionStorage.clear()");
    }

    /// axe-core finds nothing serious on any page, light or dark, wide or narrow.
    fn no_barriers(&self) {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"))).unwrap_or_default();
        let Ok(axe) = std::fs::read_to_string(cache.join("anjuan/axe-core/axe.js")) else {
            assert!(std::env::var_os("CI").is_none(), "axe-core is missing: sh .ci/setup tests");
            eprintln!("axe-core is missing (sh .ci/setup tests): not looked at");
            return;
        };
        let b = self.browser;
        let look = |options: &str| -> Vec<String> {
            b.run(&axe);
            let found = b.run_later(&format!(
                "const done = arguments[arguments.length - 1];
                 const told = (node) => `${{node.target}} ${{node.html.slice(0, 120)}} ${{node.failureSummary}}`;
                 axe.run(document, {{ resultTypes: ['violations'], preload: false, {options} }}).then(
                   (found) => done(found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
                     .map((one) => `${{one.id}} × ${{one.nodes.length}}: ${{one.nodes.slice(0, 3).map(told).join(' | ')}}`)),
                   (error) => done([String(error)]));"
            ));
            found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
        };
        // It does look: a picture without words and grey on grey are found.
        b.scheme("light");
        b.size(1280, 900);
        self.open("guide/01-worker.html");
        b.run(
            "const main = document.querySelector('main'); main.append(new Image());
               main.querySelector('p').style.cssText = 'color: #aaa; background: #bbb';",
        );
        let planted = look("");
        assert!(planted.len() == 2 && planted[0].starts_with("color-contrast") && planted[1].starts_with("image-alt"), "{planted:?}");
        let mut found = Vec::new();
        // Everything once; by night the colours change and nothing else.
        for (scheme, width, options) in [("light", 390, ""), ("light", 1280, ""), ("dark", 1280, "runOnly: ['color-contrast']")] {
            b.scheme(scheme);
            b.size(width, 900);
            for page in PAGES.iter().skip(if width < 1000 { PAGES.len() - 4 } else { 0 }) {
                self.open(page);
                found.extend(look(options).into_iter().map(|one| format!("{page}, {scheme}, {width}: {one}")));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
