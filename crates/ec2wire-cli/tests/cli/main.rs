//! The command, as a user calls it.

mod commands;
mod running;
mod service_model;
mod unread;
mod verify_client;
mod verify_server;
