//! Tests that use the matchers and responders.

mod front_page;
mod requests;
