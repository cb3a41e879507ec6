-- Live sources: the moment before which everything is judged, though no later request came.
ALTER TABLE judgement ADD COLUMN judged_until BIGINT;

-- Demo traffic: its seed. NULL for real traffic.
ALTER TABLE application ADD COLUMN demo_seed BIGINT;

-- A removed application is hidden first, under the tenant's number below zero; since when.
ALTER TABLE application ADD COLUMN hidden_at BIGINT;
