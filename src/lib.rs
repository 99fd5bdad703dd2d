//! anjuan
pub mod archive;
pub mod commands;
pub mod diagnostic;
pub mod failure;
pub mod publish;
pub mod rulebook;
pub mod source;
pub mod yaml;
