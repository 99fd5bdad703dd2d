//! The words of a figure: a struct of strings that the product fills from its words files.

/// Defines a struct of words with the key of each.
macro_rules! words {
    ($(#[$meta:meta])* { $($field:ident = $key:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Words {
            $(#[doc = concat!("The words kept under `", $key, "`.")] pub $field: String,)*
        }

        impl Words {
            /// The keys of all words.
            pub const KEYS: &'static [&'static str] = &[$($key),*];

            /// Fills the words by asking for each key.
            pub fn read(mut word: impl FnMut(&str) -> String) -> Self {
                Words { $($field: word($key),)* }
            }
        }
    };
}

pub(crate) use words;
