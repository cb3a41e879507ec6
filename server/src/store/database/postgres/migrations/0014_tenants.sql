-- Since when a tenant is being deleted; NULL for not. It is suspended as well, and nobody sees it.
ALTER TABLE tenant ADD COLUMN removed_at BIGINT;
