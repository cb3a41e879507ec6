-- Names the last commit, so that one whose end nobody saw is found again, or not, for certain.
ALTER TABLE judgement ADD COLUMN commit_mark INTEGER NOT NULL DEFAULT 0;
