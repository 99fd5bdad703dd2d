//! What a repository cannot tell, and why it must not be believed.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Severity};
use crate::say;

/// Something that limits what the history proves. An audit refuses any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// The archive lies in no repository.
    NoRepository,
    /// There is no commit yet.
    Unborn,
    /// Older commits were not fetched; a walk ends at the boundary without an error.
    Shallow,
    /// Contents were not fetched.
    PartialClone,
    /// `info/grafts` gives commits other parents than they have.
    Grafts,
    /// `refs/replace/` makes git show other objects than those that are there.
    ReplaceRefs,
    /// The main branch is neither here nor fetched; the checked-out commit stands in for it.
    NoMainBranch {
        /// The name looked for.
        name: String,
    },
    /// The repository belongs to another user, so that git refuses it.
    ForeignOwner,
    /// A format of repository that cannot be read, in libgit2's words.
    Unsupported(String),
    /// An object is missing or broken; what it would tell is not in the history.
    Damaged {
        /// The first such object.
        object: String,
    },
    /// A commit holds more files, or deeper folders, than are followed.
    Oversized {
        /// The first such commit.
        commit: String,
    },
}

/// What keeps a repository from being opened; none for what ought to have worked.
pub(super) fn closed(error: &git2::Error) -> Option<Limit> {
    let words = error.message();
    match error.code() {
        git2::ErrorCode::NotFound => Some(Limit::NoRepository),
        git2::ErrorCode::Owner => Some(Limit::ForeignOwner),
        _ if words.contains("extensions.partialclone") => Some(Limit::PartialClone),
        _ if ["unsupported extension", "unknown object format", "unsupported repository version"].iter().any(|w| words.contains(w)) => {
            Some(Limit::Unsupported(words.to_owned()))
        }
        _ => None,
    }
}

/// What an open repository says about itself.
pub(super) fn of(repo: &git2::Repository) -> Vec<Limit> {
    let promised = || -> Result<bool, git2::Error> {
        let config = repo.config()?.snapshot()?;
        let mut entries = config.entries(Some(r"^(remote\..*\.(promisor|partialclonefilter)|extensions\.partialclone)$"))?;
        Ok(entries.next().is_some())
    };
    let replaced = || -> Result<bool, git2::Error> { Ok(repo.references_glob("refs/replace/*")?.next().is_some()) };
    let filled = |path: &Path| std::fs::metadata(path).is_ok_and(|meta| meta.len() > 0);
    let limits = [
        (repo.is_shallow(), Limit::Shallow),
        (promised().unwrap_or(false), Limit::PartialClone),
        (filled(&repo.commondir().join("info/grafts")), Limit::Grafts),
        (replaced().unwrap_or(false), Limit::ReplaceRefs),
    ];
    limits.into_iter().filter(|(holds, _)| *holds).map(|(_, limit)| limit).collect()
}

impl Limit {
    /// Whether it hides or forges what was submitted and approved, so that nothing can be said of either.
    pub fn hides(&self) -> bool {
        !matches!(self, Self::NoMainBranch { .. })
    }

    /// The finding that says so, with the remedy.
    pub fn diagnostic(&self) -> Diagnostic {
        let (code, key, message, help) = match self {
            Self::NoRepository => (
                "H101",
                "repository",
                say!(
                    "档案不在 git 仓库里，提交与审批无从得知",
                    "the archive is in no git repository: submissions and approvals are unknown"
                ),
                say!("在档案文件夹里执行 git init，再提交一次", "run git init in the archive's folder and commit once"),
            ),
            Self::Shallow => (
                "H102",
                "shallow",
                say!("这是浅克隆，较早的提交与审批看不到", "this is a shallow clone: earlier submissions and approvals cannot be seen"),
                say!(
                    "执行 git fetch --unshallow;GitHub Actions 设 fetch-depth: 0,GitLab CI 设 GIT_DEPTH: \"0\"",
                    "run git fetch --unshallow; set fetch-depth: 0 in GitHub Actions, GIT_DEPTH: \"0\" in GitLab CI"
                ),
            ),
            Self::Unborn => (
                "H103",
                "unborn",
                say!("仓库还没有任何提交", "the repository has no commit yet"),
                say!("执行 git add -A，再执行 git commit", "run git add -A, then git commit"),
            ),
            Self::NoMainBranch { name } => (
                "H104",
                "branch",
                say!("找不到主分支“{name}”，以当前提交为准", "the main branch `{name}` was not found; the checked-out commit is taken"),
                say!(
                    "执行 git fetch origin {name}，或在 anjuan.yaml 的 branch 里写对名称",
                    "run git fetch origin {name}, or write the right name at `branch` in anjuan.yaml"
                ),
            ),
            Self::PartialClone => (
                "H105",
                "partial",
                say!("这是部分克隆，旧版本的内容不全", "this is a partial clone: contents of old versions are missing"),
                say!("重新克隆，不带 --filter", "clone again without --filter"),
            ),
            Self::Grafts => (
                "H105",
                "grafts",
                say!("仓库里有 info/grafts，提交的先后关系被改写", "info/grafts gives commits other parents than they have"),
                say!("删去 git 文件夹里的 info/grafts", "delete info/grafts in the git folder"),
            ),
            Self::ReplaceRefs => (
                "H105",
                "replace",
                say!(
                    "仓库里有替换引用（refs/replace），git 显示的不是原来的提交",
                    "refs/replace makes git show other commits than those that are there"
                ),
                say!(
                    "用 git replace --list 查看，用 git replace --delete 逐个删除",
                    "list them with git replace --list and delete them with git replace --delete"
                ),
            ),
            Self::ForeignOwner => (
                "H105",
                "owner",
                say!("仓库属于另一个用户，git 拒绝读取", "the repository belongs to another user and git refuses to read it"),
                say!(
                    "确认可信后，在仓库文件夹里执行 git config --global --add safe.directory \"$PWD\"",
                    "if you trust it, run git config --global --add safe.directory \"$PWD\" in its folder"
                ),
            ),
            Self::Unsupported(words) => (
                "H105",
                "format",
                say!("这种格式的仓库还读不了（{words}）", "a repository of this format cannot be read ({words})"),
                say!(
                    "用 git init --object-format=sha1 --ref-format=files 建库，再把提交导入",
                    "make one with git init --object-format=sha1 --ref-format=files and bring the commits over"
                ),
            ),
            Self::Damaged { object } => (
                "H105",
                "damaged",
                say!(
                    "仓库缺少对象或对象损坏，历史不完整（{object}）",
                    "an object is missing or broken, so history is incomplete ({object})"
                ),
                say!("执行 git fsck --full 查看，从远端或备份取回", "run git fsck --full and restore from the server or a backup"),
            ),
            Self::Oversized { commit } => (
                "H105",
                "oversized",
                say!(
                    "提交 {commit} 的文件过多或文件夹过深，历史不完整",
                    "commit {commit} holds too many files or too deep folders, so history is incomplete"
                ),
                say!(
                    "档案库里只放档案；其他内容移到别的仓库",
                    "keep nothing but records in the archive; move the rest to another repository"
                ),
            ),
        };
        let severity = if *self == Self::NoRepository { Severity::Advice } else { Severity::Warning };
        Diagnostic::new(code, severity, None, message).help(help).key(key)
    }
}
