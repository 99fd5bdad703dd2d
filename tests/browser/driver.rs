//! A real Chromium, led by chromedriver: the WebDriver protocol is JSON over plain HTTP, and Chrome's own
//! commands go through it too.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// After so long something is not slow but stuck.
const PATIENCE: Duration = Duration::from_secs(40);

/// Keys as WebDriver writes them.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const DOWN: &str = "\u{e015}";

/// One browser with one window. Both it and the driver end with this.
pub struct Browser {
    driver: Child,
    // Held, so that the driver may go on writing.
    _says: BufReader<ChildStdout>,
    port: u16,
    session: String,
}

impl Browser {
    pub fn start() -> Self {
        let mut driver =
            Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver starts");
        let mut says = BufReader::new(driver.stdout.take().expect("a pipe"));
        let line = line_with(&mut says, "started successfully on port ");
        let port = line.rsplit(' ').next().and_then(|port| port.trim_end_matches('.').parse().ok()).expect("a port");
        let mut browser = Self { driver, _says: says, port, session: String::new() };
        // Names lead nowhere: what would leave the machine fails, and the log of requests shows it.
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } });
        let made = browser.ask("POST", "/session", &wanted);
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap_or_else(|| panic!("{made}")));
        browser
    }

    pub fn open(&self, address: &str) {
        self.post("url", &json!({ "url": address }));
    }

    /// Goes back as people do. A script that does it may be run again on the page to which it leads.
    pub fn back(&self) {
        self.post("back", &json!({}));
    }

    pub fn address(&self) -> String {
        let address = self.ask("GET", &format!("{}/url", self.session), &Value::Null);
        address.as_str().expect("an address").to_owned()
    }

    /// Clicks the first element that a selector finds.
    pub fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("element/{element}/click"), &json!({}));
    }

    /// Types into the first element that a selector finds.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// Presses keys one after another, wherever the focus is.
    pub fn press(&self, keys: &str) {
        let each = |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }));
        let actions: Vec<Value> = keys.chars().flat_map(each).collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": actions }] }));
    }

    /// What a script returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What a script hands to its last argument, when it does.
    pub fn run_later(&self, script: &str) -> Value {
        self.post("execute/async", &json!({ "script": script, "args": [] }))
    }

    pub fn text(&self, script: &str) -> String {
        let value = self.run(&format!("return String({script})"));
        value.as_str().expect("a text").to_owned()
    }

    /// Waits for what scripts of the page or another page bring about.
    pub fn until(&self, expression: &str) {
        let begun = Instant::now();
        while self.run(&format!("return Boolean({expression})")) != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "{}: never {expression}", self.address());
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// A command of Chrome's own.
    pub fn chrome(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    pub fn size(&self, width: u32, height: u32) {
        self.chrome(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        );
    }

    pub fn scheme(&self, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.chrome("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    /// Everything of a log since it was last asked for: `browser` is the console, `performance` has the requests.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        self.post("se/log", &json!({ "type": kind })).as_array().cloned().unwrap_or_default()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|own| own.values().next()).and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }

    fn post(&self, command: &str, body: &Value) -> Value {
        self.ask("POST", &format!("{}/{command}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, mut answer) = self.exchange(method, path, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        assert!(status == 200, "{method} {path} {body}: {}", answer["value"]["message"]);
        answer["value"].take()
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(2 * PATIENCE))?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        answer.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
        let mut length = 0;
        loop {
            line.clear();
            if answer.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut bytes = vec![0; length];
        answer.read_exact(&mut bytes)?;
        Ok((status, serde_json::from_slice(&bytes)?))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.exchange("DELETE", &self.session, &Value::Null);
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The first line that holds some words.
pub fn line_with(from: &mut impl BufRead, words: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        let read = from.read_line(&mut line).expect("a line");
        assert!(read > 0, "it ended without saying {words:?}");
        if line.contains(words) {
            return line.trim().to_owned();
        }
    }
}
