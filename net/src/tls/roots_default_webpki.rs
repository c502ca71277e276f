//! With the feature `webpki-roots` and without `native-roots`, clients trust whom Mozilla trusts.

pub(super) use super::roots_webpki::load;
