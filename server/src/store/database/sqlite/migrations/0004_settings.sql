-- JSON; NULL for the defaults.
ALTER TABLE application ADD COLUMN settings TEXT;
-- Of which sources the values are kept in segments: a JSON list; NULL for none.
ALTER TABLE application ADD COLUMN kept TEXT;
-- The settings that a judgement was made by; never changed once something is judged in it.
ALTER TABLE judgement ADD COLUMN settings TEXT;
