//! The location of snapshots.

use insta::Settings;
use insta::internals::SettingsBindDropGuard;

/// Puts the snapshots of the calling scope into `snapshots/AREA/` at the top of the workspace, for any
/// file of any crate.
pub fn area(area: &str) -> SettingsBindDropGuard {
    let mut settings = Settings::clone_current();
    // An absolute path, so that moving a suite does not move its snapshots.
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../snapshots");
    settings.set_snapshot_path(format!("{folder}/{area}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind_to_scope()
}
