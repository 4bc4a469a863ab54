//! The formats of the files that people write, and the embedded files.
//!
//! | file | what |
//! |---|---|
//! | [`case`] | cases: steps, calls, outcomes, checks |
//! | [`template`], [`body`] | members and bodies with variables and expansions |
//! | [`aspect`] | the aspects of what a server does with resources |
//! | [`requirement`] | requirements, their levels and their evidence |
//! | [`place`] | where in a file a mistake is, and what was probably meant |
//! | [`beyond`] | what EC2 does beyond the service model |
//! | [`embedded`] | the data files of `contract/` |
//! | [`verbs`] | what the verb in an action's name says about it |

pub mod aspect;
pub mod beyond;
pub mod body;
pub mod case;
pub mod embedded;
pub mod place;
pub mod requirement;
#[cfg(feature = "schema")]
mod schema;
pub mod template;
pub mod verbs;
