//! What a template gets of a record: its view without what is for pages, and how wide some texts are.

use serde_json::{Value, json};

use super::glyphs::{ENDLESS, Glyphs};

fn without(value: &mut Value, keys: &[&str]) {
    for key in keys {
        value.as_object_mut().and_then(|object| object.remove(*key));
    }
}

/// Takes out what is for pages rather than paper: it would be read in vain, and its glyphs be missed. What
/// changes though the record does not would have the paper made again.
pub(super) fn leave_out(record: &mut Value) {
    without(&mut record["row"], &["approval", "counts", "paper"]);
    without(record, &["articles", "approvals", "pending", "timeline", "findings"]);
    for part in ["fields", "sections"] {
        for value in record[part].as_array_mut().into_iter().flatten() {
            without(value, &["findings", "html", "wide"]);
        }
    }
}

/// The same for what stands in head and foot.
pub(super) fn leave_out_of_frame(frame: &mut Value) {
    without(frame, &["notices", "live"]);
}

/// Writes `em` beside what stands in cells: fields, their values, the columns of tables and the cells below them. It
/// is how wide that is at most, if it is one text. A row that is known to need one line is laid out once; others
/// are laid out to be measured first.
pub(super) fn measure(record: &mut Value, glyphs: &Glyphs) {
    let width = |text: &Value| text.as_str().map_or(ENDLESS, |text| glyphs.width(text));
    let of_value = |value: &mut Value| {
        value["em"] = json!(match value["shape"].as_str() {
            Some("empty") => 0.0,
            Some("text") => width(&value["text"]),
            Some("link") => width(&value["link"]["text"]),
            _ => ENDLESS,
        });
    };
    for field in record["fields"].as_array_mut().into_iter().flatten() {
        field["em"] = json!(width(&field["name"]));
        let value = &mut field["value"];
        of_value(value);
        for column in value["columns"].as_array_mut().into_iter().flatten() {
            column["em"] = json!(width(&column["name"]));
        }
        let rows = value["rows"].as_array_mut().into_iter().flatten();
        rows.filter_map(Value::as_array_mut).flatten().for_each(of_value);
    }
}
