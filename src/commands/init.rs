//! `anjuan init`: a new archive from the embedded template.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Ended, Shell, template};
use crate::archive::history::Scribe;
use crate::failure::Failure;
use crate::say;

/// Make a new, empty archive 新建档案库
#[derive(Debug, Args)]
pub struct Init {
    /// The folder; made if it is not there, and empty if it is
    #[arg(id = "new", value_name = "DIR")]
    directory: PathBuf,
}

impl Init {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let dir = shell.directory.join(&self.directory);
        empty(&dir)?;
        for (path, bytes) in template::archive() {
            write(&dir, &path, &bytes)?;
        }
        Scribe::init(&dir, "main")?;
        let at = self.directory.display();
        let done = say!(
            "已建好 {at}。下一步：在 people.yaml 登记人员，在 anjuan.yaml 写上机构名称，提交，然后 anjuan -C {at} check",
            "made {at}. Next: register people in people.yaml, name the organisation in anjuan.yaml, commit, then anjuan -C {at} check"
        );
        shell.print(&format!("{}\n", done.in_language(shell.any_language())))?;
        Ok(Ended::Clean)
    }
}

/// Makes sure that a folder exists and holds nothing; nothing is ever overwritten.
pub fn empty(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|e| Failure::io("建不了文件夹", "cannot make folder", dir, e))?;
    let mut entries = std::fs::read_dir(dir).map_err(|e| Failure::io("读不到文件夹", "cannot list folder", dir, e))?;
    if entries.next().is_some() {
        let at = dir.display();
        return Err(Failure::plain(say!("{at} 不是空文件夹，没有写入任何东西", "{at} is not empty; nothing was written"))
            .help(say!("换一个文件夹，或先清空它", "name another folder or empty this one")));
    }
    Ok(())
}

/// Writes one file below `dir`.
pub fn write(dir: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let full = dir.join(path);
    if let Some(parent) = full.parent() {
        std::fs::create_dir_all(parent).map_err(|e| Failure::io("建不了文件夹", "cannot make folder", parent, e))?;
    }
    std::fs::write(&full, bytes).map_err(|e| Failure::io("写不了文件", "cannot write", &full, e))
}
