//! The same refusals over HTTP and over SSH, both on loopback.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};

use super::{Served, loan, path, push};
use crate::support::git;

/// Refuses a direct push and lets an approved merge in.
fn refuses_and_lets_in(served: &mut Served, url: &str) {
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("main", "li", "2026-03-11");
    let before = served.state();
    let (done, said) = push(&served.place.root, url, &["main"]);
    assert!(!done && said.contains("A-02/L1 [T1]") && said.contains("without evidence of approval"), "{said}");
    assert_eq!(served.state(), before);
    served.place.git(&["update-ref", "refs/heads/main", "main~1"]);
    loan(&mut served.place, "A-02", "2026-03-10");
    served.place.commit("two", "li", "2026-03-11").merge("two", "wang", "2026-03-12", &["wang"]);
    let (done, said) = push(&served.place.root, url, &["main"]);
    assert!(done, "{said}");
    assert_eq!(git(&served.server, &["rev-parse", "main"]), served.place.git(&["rev-parse", "main"]));
}

/// One request through git's own CGI program (RFC 3875).
async fn backend(State(root): State<String>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let env: BTreeMap<&str, String> = BTreeMap::from([
        ("GIT_PROJECT_ROOT", root),
        ("GIT_HTTP_EXPORT_ALL", "1".to_owned()),
        ("REQUEST_METHOD", method.to_string()),
        ("PATH_INFO", uri.path().to_owned()),
        ("QUERY_STRING", uri.query().unwrap_or_default().to_owned()),
        ("CONTENT_TYPE", header("content-type")),
        ("CONTENT_LENGTH", body.len().to_string()),
        ("HTTP_CONTENT_ENCODING", header("content-encoding")),
        ("REMOTE_USER", "li".to_owned()),
        ("PATH", path()),
        ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
    ]);
    let out = tokio::task::spawn_blocking(move || {
        let mut child = Command::new("git")
            .arg("http-backend")
            .envs(env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(&body));
        let out = child.wait_with_output().unwrap();
        let _ = writer.join();
        out.stdout
    })
    .await
    .unwrap();
    let end = out.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
    let mut response = Response::builder().status(StatusCode::OK);
    for line in String::from_utf8_lossy(&out[..end]).lines() {
        match line.split_once(": ") {
            Some(("Status", status)) => response = response.status(status[..3].parse::<u16>().unwrap()),
            Some((name, value)) => response = response.header(name, value),
            None => {}
        }
    }
    response.body(Body::from(out[(end + 4).min(out.len())..].to_vec())).unwrap()
}

#[test]
fn case_57_over_http() {
    let mut served = Served::new();
    git(&served.server, &["config", "http.receivepack", "true"]);
    let root = served.server.parent().unwrap().to_str().unwrap().to_owned();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = axum::Router::new().fallback(backend).with_state(root);
    runtime.spawn(async move { axum::serve(listener, app).await });
    refuses_and_lets_in(&mut served, &format!("http://127.0.0.1:{port}/server.git"));
}

/// A server of our own, gone when the test ends.
struct Sshd(Child);

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn case_57_over_ssh() {
    let there = std::path::Path::new("/usr/sbin/sshd").exists();
    assert!(there || std::env::var_os("CI").is_none(), "sshd is missing: sh .ci/setup tests");
    if !there {
        eprintln!("sshd is missing (sh .ci/setup tests): not tried");
        return;
    }
    let mut served = Served::new();
    let dir = tempfile::tempdir().unwrap();
    for name in ["host", "user"] {
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(dir.path().join(name)).status();
        assert!(made.unwrap().success());
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = |name: &str| dir.path().join(name).display().to_string();
    let config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nSetEnv PATH={}\n",
        at("host"),
        at("user.pub"),
        path()
    );
    std::fs::write(dir.path().join("config"), config).unwrap();
    // Where the whole system runs no server of its own, the folder that it separates privileges in is missing.
    let _ = std::fs::create_dir_all("/run/sshd");
    let mut sshd = Command::new("/usr/sbin/sshd");
    let child = sshd.args(["-D", "-e", "-f", &at("config")]).stderr(Stdio::null()).spawn().unwrap();
    let _sshd = Sshd(child);
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    let ssh = format!(
        "ssh -i {} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectionAttempts=20",
        at("user")
    );
    served.place.git(&["config", "core.sshCommand", &ssh]);
    let url = format!("ssh://{}@127.0.0.1:{port}{}", user.trim(), served.server.display());
    refuses_and_lets_in(&mut served, &url);
}
