//! EC2's machines: instances, and what they are made from.

mod device;
pub(super) mod image;
pub(super) mod image_attribute;
pub(super) mod instance;
pub(super) mod instance_type;
pub(super) mod launch;
pub(super) mod lifecycle;
mod profile;
mod public_image;
