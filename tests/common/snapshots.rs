//! Where snapshots go.

/// Sends the snapshots of the calling scope to `snapshots/AREA/` at the workspace's top.
pub(crate) fn area(area: &str) -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("../snapshots/{area}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind_to_scope()
}
