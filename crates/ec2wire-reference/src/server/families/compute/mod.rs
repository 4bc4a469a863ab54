//! EC2's machines: instances, and what they are made from.

pub(super) mod attribute;
pub(super) mod capacity;
mod device;
pub(super) mod fleet;
pub(super) mod host;
pub(super) mod image;
pub(super) mod image_attribute;
pub(super) mod instance;
pub(super) mod instance_type;
pub(super) mod key_pair;
pub(super) mod launch;
pub(super) mod launch_template;
pub(super) mod lifecycle;
pub(super) mod options;
pub(super) mod placement_group;
pub(super) mod profile;
mod public_image;
pub(super) mod setting;
pub(super) mod spot;
pub(super) mod spot_price;
