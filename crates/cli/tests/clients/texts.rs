//! Texts that the tests send.

/// One part in the default alphabet, with characters outside ASCII.
pub(crate) const PLAIN: &str = "Price: 5 £, at @ 5 Ångström";
/// One part that only UCS-2 can carry.
pub(crate) const UCS2: &str = "Привет, мир: 你好";

/// Returns a text of three parts.
pub(crate) fn long() -> String {
    let sentences = (0..20).map(|number| format!("sentence number {number:02}"));
    sentences.collect::<Vec<_>>().join(", ")
}
