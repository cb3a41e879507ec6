-- What a provider of single sign-on calls the people that it vouches for. That, and not the e-mail
-- address, is whose account it opens.

CREATE TABLE account_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX account_identity_account ON account_identity (account);
