//! Where snapshots are.

use insta::Settings;
use insta::internals::SettingsBindDropGuard;

/// Sends the snapshots of the calling scope to `snapshots/AREA/` at the top of the workspace,
/// whichever file of whichever crate takes them.
pub fn area(area: &str) -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    // An absolute path, so that a suite can move without its snapshots.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots");
    settings.set_snapshot_path(format!("{folder}/{area}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind_to_scope()
}
