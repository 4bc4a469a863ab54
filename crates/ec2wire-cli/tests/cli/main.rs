//! The command, as a user calls it.

mod commands;
mod service_model;
mod verify_client;
mod verify_server;
