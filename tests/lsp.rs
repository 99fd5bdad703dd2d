//! The language server, talked to as an editor does.

use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};

use crate::support::Place;

const LOAN: &str = "loans/A-01/L1.md";

/// An editor.
struct Editor {
    server: Child,
    to: Option<ChildStdin>,
    from: Receiver<Message>,
    asked: i32,
    root: String,
}

impl Editor {
    /// Starts the server in an archive and shakes hands.
    fn of(place: &Place) -> Self {
        Self::in_folder(place.root.to_str().unwrap(), "2026-04-01")
    }

    fn in_folder(root: &str, today: &str) -> Self {
        let mut server = Command::new(env!("CARGO_BIN_EXE_anjuan"))
            .args(["--lang", "zh", "--today", today, "lsp", "--stdio"])
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, from) = channel();
        let mut out = BufReader::new(server.stdout.take().unwrap());
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut out) {
                drop(sender.send(message));
            }
        });
        let mut editor = Self { to: server.stdin.take(), server, from, asked: 0, root: format!("file://{root}") };
        let about = editor.ask("initialize", json!({ "capabilities": {}, "rootUri": editor.root.clone() }));
        assert_eq!(about["serverInfo"]["name"], "anjuan");
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    fn send(&mut self, message: Message) {
        let to = self.to.as_mut().unwrap();
        message.write(to).unwrap();
        to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(Message::Notification(Notification { method: method.to_owned(), params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        self.send(Message::Request(Request { id: self.asked.into(), method: method.to_owned(), params }));
        loop {
            if let Message::Response(response) = self.from.recv_timeout(Duration::from_secs(20)).unwrap() {
                assert_eq!(response.id, self.asked.into());
                return response.response_result.unwrap_or(Value::Null);
            }
        }
    }

    /// The next findings of a file, each as its line, column and code.
    fn findings(&mut self, path: &str) -> Vec<String> {
        let uri = self.uri(path);
        loop {
            let Message::Notification(told) = self.from.recv_timeout(Duration::from_secs(20)).unwrap() else { continue };
            if told.method == "textDocument/publishDiagnostics" && told.params["uri"] == uri.as_str() {
                let line = |d: &Value| {
                    let at = &d["range"]["start"];
                    format!("{}:{} {}", at["line"], at["character"], d["code"].as_str().unwrap())
                };
                return told.params["diagnostics"].as_array().unwrap().iter().map(line).collect();
            }
        }
    }

    fn open(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        self.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "languageId": "markdown", "version": 1, "text": text } }));
    }

    fn write(&mut self, path: &str, text: &str) {
        let uri = self.uri(path);
        self.tell("textDocument/didChange", json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] }));
    }

    /// Asks about the place of `^` in a text, which is opened or written.
    fn at(&mut self, method: &str, path: &str, text: &str) -> Value {
        let at = text.find('^').unwrap();
        let (line, before) = (text[..at].matches('\n').count(), text[..at].rsplit('\n').next().unwrap());
        self.write(path, &text.replacen('^', "", 1));
        let uri = self.uri(path);
        let character = before.encode_utf16().count();
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } }))
    }

    fn suggested(&mut self, path: &str, text: &str) -> Vec<String> {
        let items = self.at("textDocument/completion", path, text);
        items.as_array().unwrap().iter().map(|item| item["textEdit"]["newText"].as_str().unwrap().to_owned()).collect()
    }

    fn leave(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Value::Null);
        self.tell("exit", Value::Null);
        self.to = None;
        assert_eq!(self.server.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        drop(self.server.kill());
    }
}

fn place() -> Place {
    let mut place = Place::new();
    place.write("loans/A-01/L2.md", "---\n表单: L2\n结果: 完好\n---\n").commit("main", "li", "2026-01-01").stand("main");
    place
}

#[test]
fn what_is_typed_is_judged_before_it_is_saved_and_corrected_on_request() {
    let place = place();
    let mut editor = Editor::of(&place);
    editor.open(LOAN, "---\n表单: L1\n借出日期：2026年3月5日\n册数: 三\n---\n");
    assert_eq!(editor.findings(LOAN), ["2:4 Y005", "2:5 F205", "3:4 F204"]);
    let uri = editor.uri(LOAN);
    let range = json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 4 } });
    let ask = json!({ "textDocument": { "uri": uri }, "range": range, "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", ask);
    let actions = actions.as_array().unwrap();
    assert_eq!(actions[0]["kind"], "quickfix");
    assert_eq!(actions[0]["edit"]["changes"][&uri][0]["newText"], ": ");
    let all = actions.last().unwrap();
    assert_eq!((all["kind"].as_str(), all["title"].as_str()), (Some("source.fixAll"), Some("改正全部有把握的写法（2 处）")));
    let text = all["edit"]["changes"][&uri][0]["newText"].as_str().unwrap();
    assert_eq!(text, "---\n表单: L1\n借出日期: 2026-03-05\n册数: 三\n---\n");
    editor.write(LOAN, text);
    assert_eq!(editor.findings(LOAN), ["3:4 F204"]);
    // Closed without saving: nothing lies there, so nothing is wrong there.
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(editor.findings(LOAN), [""; 0]);
    // What somebody saves is read with all else.
    std::fs::write(place.root.join(LOAN), "---\n表单: L1\n册数: 99\n---\n").unwrap();
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(editor.findings(LOAN), ["2:4 F204"]);
    editor.leave();
}

#[test]
fn the_form_says_what_can_stand_at_the_cursor() {
    let place = place();
    let mut editor = Editor::of(&place);
    editor.open(LOAN, "---\n---\n");
    editor.open("loans/A-01/L2.md", "---\n---\n");
    assert_eq!(editor.suggested(LOAN, "---\n^\n---\n"), ["表单: "]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: ^\n---\n"), ["L1", "L2", "L3"]);
    let names = editor.suggested(LOAN, "---\n表单: L1\n册数: 1\n借^\n---\n");
    assert!(names.starts_with(&["填表日期: ".to_owned(), "经手人: ".to_owned(), "借出日期: ".to_owned()]), "{names:?}");
    assert!(!names.contains(&"册数: ".to_owned()) && !names.contains(&"年龄: ".to_owned()), "{names:?}");
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n已验: ^\n---\n"), ["是", "否"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n类别: [文学, ^]\n---\n"), ["文学", "历史(近代)", "其他"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n经手人: ^\n---\n"), ["李娜", "王芳", "陈静", "周全"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n借出日期: ^\n---\n"), ["2026-04-01"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n书目:\n  - { 书名: 甲, ^ }\n---\n"), ["价: ", "类: "]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n书目:\n  - { 书名: 甲, 类: ^ }\n---\n"), ["文学", "历史(近代)", "其他"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n书目: ^\n---\n"), ["\n  - { 书名: }"]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n签名: { 签名人: 某, ^ }\n---\n"), ["role: ", "日期: ", "form: ", "存放: "]);
    assert_eq!(editor.suggested(LOAN, "---\n表单: L1\n---\n\n##^\n"), ["## 说明\n\n"]);
    let about = editor.at("textDocument/hover", LOAN, "---\n表单: L1\n册^数: 1\n---\n");
    let told = about["contents"]["value"].as_str().unwrap();
    assert!(told.starts_with("**册数** `integer`") && told.contains("1 至 10") && told.contains("谁看得到：保密"), "{told}");
    let what = editor.at("textDocument/hover", "loans/A-01/L2.md", "---\n表单: L^2\n---\n");
    assert_eq!(what["contents"]["value"], "**L2 还书单**\n\n");
    let person = editor.at("textDocument/hover", LOAN, "---\n表单: L1\n经手人: 李^娜\n---\n");
    assert_eq!(person["contents"]["value"], "**李娜** 馆员");
    let target = editor.at("textDocument/definition", LOAN, "---\n表单: L1\n书目:\n  - { 类^: 文学 }\n---\n");
    assert!(target["uri"].as_str().unwrap().ends_with("/rulebook/forms/L1.yaml"), "{target}");
    let line = target["range"]["start"]["line"].as_u64().unwrap();
    let form = std::fs::read_to_string(place.root.join("rulebook/forms/L1.yaml")).unwrap();
    assert!(form.lines().nth(usize::try_from(line).unwrap()).unwrap().contains("name: 类, type: choice"));
    assert_eq!(editor.at("textDocument/hover", LOAN, "---\n表单: L1\n---\n\n正^文\n"), Value::Null);
    assert_eq!(editor.ask("textDocument/unheard", json!({})), Value::Null);
    editor.leave();
}

#[test]
fn what_is_to_be_done_about_a_record_is_told_where_it_says_what_it_is() {
    let root = crate::support::demo();
    let mut editor = Editor::in_folder(root, "2026-06-18");
    let path = "cases/NS-C2026-008/C03.md";
    let text = std::fs::read_to_string(format!("{root}/{path}")).unwrap();
    editor.open(path, &text);
    let about = editor.at("textDocument/hover", path, &text.replacen("C03", "C^03", 1));
    let told = about["contents"]["value"].as_str().unwrap();
    assert!(told.contains("个案开案记录表") && told.contains("- A31-3 ") && told.contains("审批失效"), "{told}");
    editor.leave();
}
