//! The command, as a user calls it.

mod commands;
#[cfg(unix)]
mod files;
mod own_cases;
mod programs;
mod resources;
mod service_model;
#[cfg(unix)]
mod state;
#[cfg(unix)]
mod unread;
mod verify_client;
mod verify_server;
