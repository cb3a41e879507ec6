//! Why single sign-on did not come to an end. What people are told is one of a few sentences;
//! what the provider said about it is for the operator's log only.

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// It was not begun in this browser, too long ago, or ended already.
    #[error("the sign-in was not begun in this browser, is over or took too long")]
    NotBegun,
    /// The provider says so.
    #[error("the provider answered `{0}`")]
    Declined(String),
    /// The provider does not answer, or not as it should.
    #[error("the provider cannot be asked: {0}")]
    Unavailable(String),
    /// The provider does not take the code that it gave.
    #[error("the provider did not take its code: {0}")]
    Code(String),
    /// What the provider sent proves nothing.
    #[error("the provider's proof does not hold: {0}")]
    Unproven(String),
    /// The provider has confirmed no e-mail address.
    #[error("the provider confirms no e-mail address of `{subject}`")]
    NoEmail {
        /// What the provider calls them.
        subject: String,
    },
    /// Nothing that the provider says gives a role here.
    #[error("no role is mapped for `{subject}`")]
    NoRole {
        /// What the provider calls them.
        subject: String,
    },
    /// The provider asked for less than is demanded.
    #[error("the provider says acr `{acr}` of `{subject}`, which is not what --oidc-acr demands")]
    Acr {
        /// What the provider calls them.
        subject: String,
        /// What it says, if anything.
        acr: String,
    },
    /// Somebody else has an account with this e-mail address.
    #[error("another account has the e-mail address of `{subject}`")]
    EmailTaken {
        /// What the provider calls them.
        subject: String,
    },
    /// This machine has no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl OidcError {
    /// A word for the address of the sign-in page, which knows the sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotBegun => "not_begun",
            Self::Declined(_) => "declined",
            Self::Unavailable(_) | Self::Random(_) => "unavailable",
            Self::Code(_) | Self::Unproven(_) => "unproven",
            Self::NoEmail { .. } => "no_email",
            Self::NoRole { .. } => "no_role",
            Self::Acr { .. } => "acr",
            Self::EmailTaken { .. } => "email_taken",
        }
    }

    /// What the provider calls whoever was turned away, if it vouched for them.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::NoEmail { subject }
            | Self::NoRole { subject }
            | Self::Acr { subject, .. }
            | Self::EmailTaken { subject } => Some(subject),
            _ => None,
        }
    }

    /// What whoever has `code` in the address is told; `None` if there is no such code.
    #[must_use]
    pub fn sentence(code: &str) -> Option<&'static str> {
        Some(match code {
            "not_begun" => "That sign-in took too long, or began in another window. Try again.",
            "declined" => "Single sign-on was not completed. Try again.",
            "unavailable" => "Single sign-on does not answer right now. Try again in a minute.",
            "unproven" => {
                "What single sign-on answered could not be verified, so nobody was signed in. \
                 Whoever runs this installation finds the reason in its log."
            }
            "no_email" => {
                "Single sign-on has no confirmed e-mail address of you. Confirm it there, then \
                 try again."
            }
            "no_role" => {
                "You are known to single sign-on but have no role here. Ask an administrator for \
                 one."
            }
            "acr" => {
                "Single sign-on did not ask you for as much as this installation demands. Sign in \
                 there with a second factor, then try again."
            }
            "email_taken" => {
                "There is an account with your e-mail address that is opened by its password. Ask \
                 an administrator to link them."
            }
            _ => return None,
        })
    }
}

/// At most the beginning of what somebody else wrote, without what a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_a_sentence_and_none_repeats_what_the_provider_said() {
        let hostile = || "<script>alert(1)</script>".to_owned();
        for error in [
            OidcError::NotBegun,
            OidcError::Declined(hostile()),
            OidcError::Unavailable(hostile()),
            OidcError::Code(hostile()),
            OidcError::Unproven(hostile()),
            OidcError::NoEmail { subject: hostile() },
            OidcError::NoRole { subject: hostile() },
            OidcError::Acr {
                subject: hostile(),
                acr: hostile(),
            },
            OidcError::EmailTaken { subject: hostile() },
        ] {
            let sentence = OidcError::sentence(error.code()).unwrap();
            assert!(!sentence.contains("script"), "{sentence}");
        }
        assert_eq!(OidcError::sentence("<script>"), None);
    }

    #[test]
    fn what_others_wrote_is_cut_and_cannot_move_a_terminal() {
        assert_eq!(quoted("\u{1b}[31mred\n"), "[31mred");
        assert_eq!(quoted(&"x".repeat(10_000)).len(), 200);
    }
}
