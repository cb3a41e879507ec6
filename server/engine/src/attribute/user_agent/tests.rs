use super::*;

#[test]
fn the_empty_user_agent_is_empty() {
    for text in ["", "-", "  "] {
        assert_eq!(classify(text).class, UserAgentClass::Empty);
    }
}
