//! `anjuan hook install`: makes git run the hooks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::commands::{Ended, Shell};
use crate::failure::Failure;
use crate::say;

/// Stands in every hook of ours, so that it may be written again.
const MARK: &str = "# anjuan hook";

/// Make git run the hooks of this archive, or of a bare repository on a server
#[derive(Debug, Args)]
pub struct Install {
    /// On the server: the hooks that decide on pushes and keep a log of when they came
    #[arg(long)]
    server: bool,
}

impl Install {
    pub(super) fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let folder = hooks(&shell.directory)?;
        let names: &[&str] = if self.server { &["pre-receive", "post-receive"] } else { &["pre-commit", "commit-msg", "pre-push"] };
        // All or none: another's hook is never overwritten.
        for name in names {
            let file = folder.join(name);
            if fs::read_to_string(&file).is_ok_and(|text| !text.contains(MARK)) || file.is_dir() {
                let at = file.display();
                return Err(Failure::plain(say!("已经有别的钩子：{at}", "there is another hook already: {at}")).help(say!(
                    "在它里面加一行 anjuan hook {name} \"$@\"，或先把它移开",
                    "add the line `anjuan hook {name} \"$@\"` to it, or move it away"
                )));
            }
        }
        fs::create_dir_all(&folder).map_err(|error| Failure::io("建不了文件夹", "cannot make the folder", &folder, error))?;
        for name in names {
            let file = folder.join(name);
            write(&file, &script(name, self.server)).map_err(|error| Failure::io("写不进", "cannot write", &file, error))?;
            shell.print(&format!("{}\n", file.display()))?;
        }
        Ok(Ended::Clean)
    }
}

/// What git runs. On a server nothing passes where the program is missing; for a writer everything does, with a word about it.
fn script(name: &str, server: bool) -> String {
    let missing = if server { "exit 1" } else { "exit 0" };
    format!(
        "#!/bin/sh\n{MARK}\ncommand -v anjuan >/dev/null 2>&1 || {{ echo '{name}: 找不到 anjuan / anjuan is not installed' >&2; {missing}; }}\nexec anjuan hook {name} \"$@\"\n"
    )
}

fn write(file: &Path, text: &str) -> std::io::Result<()> {
    fs::write(file, text)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// Where git looks for hooks here, `core.hooksPath` included.
fn hooks(directory: &Path) -> Result<PathBuf, Failure> {
    let out = Command::new("git").arg("-C").arg(directory).args(["rev-parse", "--git-path", "hooks"]).output();
    let said = out.map_err(|error| Failure::new(say!("找不到 git", "git was not found"), error))?;
    if !said.status.success() {
        let why = String::from_utf8_lossy(&said.stderr).trim().to_owned();
        return Err(Failure::new(say!("这里不是 git 仓库", "this is no git repository"), why));
    }
    Ok(directory.join(String::from_utf8_lossy(&said.stdout).trim()))
}
