//! `anjuan schema`: forms as JSON Schema.

use clap::Args;

use super::{Ended, Shell};
use crate::archive::Archive;
use crate::failure::Failure;
use crate::publish::schema;
use crate::rulebook::Rulebook;
use crate::say;

/// Forms as JSON Schema 表单的 JSON Schema
///
/// Of the fields of one form, or of any record by the form that it names; for editors and programs that write records.
#[derive(Debug, Args)]
pub struct Schema {
    /// The form's code or name; all forms when none is named
    form: Option<String>,
}

impl Schema {
    /// Runs the command.
    pub fn run(&self, shell: &Shell) -> Result<Ended, Failure> {
        let root = Archive::find(&shell.directory)?;
        let config = Archive::settings(&root);
        let rulebook = Rulebook::read(&root, &config.rulebook)?;
        let language = shell.language.unwrap_or_else(|| config.language());
        let schema = match &self.form {
            None => schema::of_all(&rulebook, language),
            Some(name) => {
                let at = rulebook.form_named(name).ok_or_else(|| Failure::plain(say!("没有表单 {name}", "there is no form {name}")))?;
                schema::of_form(&rulebook, &rulebook.forms[at], language)
            }
        };
        let text = serde_json::to_string_pretty(&schema).map_err(|error| Failure::new(say!("写不成 JSON", "cannot write JSON"), error))?;
        shell.print(&(text + "\n"))?;
        Ok(Ended::Clean)
    }
}
