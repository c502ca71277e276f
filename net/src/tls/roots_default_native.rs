//! With the feature `native-roots`, clients trust whom the system trusts.

pub(super) use super::roots_native::load;
