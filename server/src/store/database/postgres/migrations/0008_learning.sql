-- What was learned of the application, as JSON; NULL before the first lesson.
ALTER TABLE judgement ADD COLUMN learned TEXT COLLATE "C";
