//! Each mistake that the attributes can meet is answered with one message, shown at its cause.

#[test]
fn a_mistake_is_answered_with_one_message_at_its_cause() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
