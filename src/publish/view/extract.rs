//! A part of a record under a name of its own: the same view with less in it.

use super::{Link, RecordView, Viewer, figure};
use crate::rulebook::form::ExtractSpec;

impl Viewer<'_> {
    /// The extract of a record; it shows nothing that the record's view does not.
    pub fn extract(&self, at: (usize, usize), spec: &ExtractSpec) -> RecordView {
        let mut view = self.record(at);
        let named = |list: &[crate::yaml::de::Spanned<String>], name: &str| list.iter().any(|own| own.value == name);
        view.fields.retain(|field| named(&spec.fields, &field.name));
        view.sections.retain(|section| named(&spec.sections, &section.name));
        view.figures = Vec::new();
        let world = &self.judgement.world;
        if let Some(form) = spec.figures.as_ref().and_then(|code| world.rulebook.form_index(code)) {
            view.figures = world.of_form(at.0, form).flat_map(|entry| figure::of(self, (at.0, entry))).collect();
        }
        view.name.clone_from(&spec.name);
        view.paper.template = None;
        view
    }

    /// Where the extracts of a record are, by name.
    pub fn extract_links(&self, at: (usize, usize)) -> Vec<Link> {
        let form = self.form(self.judgement.world.entry(at));
        let path = |spec: &ExtractSpec| self.paper_url(at).replace(".pdf", &format!("-{}.pdf", spec.key.value));
        form.extracts.iter().map(|spec| Link { text: spec.name.clone(), url: Some(path(spec)) }).collect()
    }
}
