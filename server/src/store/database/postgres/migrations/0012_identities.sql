-- What a provider of single sign-on calls the people that it vouches for. That, and not the e-mail
-- address, is whose account it opens.

CREATE TABLE account_identity (
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    account BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_identity_account ON account_identity (account);
