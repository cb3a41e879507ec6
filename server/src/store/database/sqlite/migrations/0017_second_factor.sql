-- Of whom a tenant requires a second factor: nobody, passwords, everybody.
ALTER TABLE tenant ADD COLUMN second_factor_of TEXT NOT NULL DEFAULT 'nobody';
-- Whether a second factor was asked for when it began: by a code here, or as the provider says.
ALTER TABLE login ADD COLUMN has_second_factor INTEGER NOT NULL DEFAULT 0;
-- Whether the provider of single sign-on gives the role, and takes it away.
ALTER TABLE member ADD COLUMN is_from_provider INTEGER NOT NULL DEFAULT 0;
-- Logins that began before do not look at this tenant any more.
ALTER TABLE member ADD COLUMN signed_out_at INTEGER NOT NULL DEFAULT 0;
