#[runtime::test]
#[test]
async fn with_the_standard_attribute() {}

#[runtime::test]
#[runtime::test]
async fn with_the_same_attribute() {}

#[runtime::test]
#[::core::prelude::v1::test]
async fn with_a_path() {}

fn main() {}
