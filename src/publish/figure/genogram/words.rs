//! The words on a genogram.

use crate::publish::figure::words::words;

words! {
    /// The words on a genogram: short marks on lines, and the legend.
    {
        married_mark = "married-mark",
        cohabiting_mark = "cohabiting-mark",
        divorced_mark = "divorced-mark",
        separated_mark = "separated-mark",
        male = "male",
        female = "female",
        unknown = "unknown",
        index = "index",
        dead = "dead",
        pregnancy = "pregnancy",
        miscarriage = "miscarriage",
        abortion = "abortion",
        stillbirth = "stillbirth",
        marriage = "marriage",
        cohabitation = "cohabitation",
        separated = "separated",
        divorced = "divorced",
        widowed = "widowed",
        birth = "birth",
        adopted = "adopted",
        fostered = "fostered",
        twins = "twins",
        identical_twins = "identical-twins",
        birth_order = "birth-order",
        household = "household",
        close = "close",
        very_close = "very-close",
        distant = "distant",
        conflict = "conflict",
        enmeshed = "enmeshed",
        cut_off = "cut-off",
        focused = "focused",
        abuse = "abuse",
        drawn_on = "drawn-on",
        person = "person",
        sex = "sex",
        years = "years",
        partners = "partners",
        parents = "parents",
        tie = "tie",
    }
}

impl Words {
    /// The word for the quality of a tie.
    pub fn quality(&self, quality: super::Quality) -> &str {
        match quality {
            super::Quality::Close => &self.close,
            super::Quality::VeryClose => &self.very_close,
            super::Quality::Distant => &self.distant,
            super::Quality::Conflict => &self.conflict,
            super::Quality::Enmeshed => &self.enmeshed,
            super::Quality::CutOff => &self.cut_off,
            super::Quality::Focused => &self.focused,
            super::Quality::Abuse => &self.abuse,
        }
    }
}
